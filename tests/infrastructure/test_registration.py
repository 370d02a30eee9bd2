"""What an instance and the people in it may be called: what can stand in an entry for ever."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from application.errors import Invalid
from infrastructure.actors import Registration, register, registered
from infrastructure.settings import Settings

OFFICER = Registration("o-1", "unit-1", "agency", ("officer",), ("custody",))


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", "Jane Roe"), ("id", ""), ("id", "x" * 65), ("unit", "Unit 5"), ("agency", "-"), ("functions", ("a b",))],
)
def test_who_could_not_stand_in_an_entry_is_not_registered(engine: sa.Engine, name: str, value: Any) -> None:
    wrong = replace(OFFICER, **{name: value})
    with pytest.raises(Invalid):
        register(engine, wrong)
    assert registered(engine) == {}
    register(engine, replace(wrong, active=False))


def test_an_empty_variable_is_not_set_and_an_agency_is_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INSTANCE", "PROFILES", "AGENCY", "DATABASE_URL"):
        monkeypatch.setenv(f"CASETRAIL_{name}", "")
    settings = Settings()
    assert (settings.instance, settings.profiles, settings.agency) == (Path("var/instance"), None, "agency")
    monkeypatch.setenv("CASETRAIL_AGENCY", "Customs of State X")
    with pytest.raises(ValidationError, match="agency"):
        Settings()
