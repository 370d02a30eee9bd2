"""PostgreSQL as the operators' page sets it up: only the owner and the application connect, and both can do their work."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from infrastructure.database import open_engine
from tests.api.terminal import Terminal
from tests.engines import APP_ROLE, Server

PAGE = Path(__file__).parents[2] / "docs" / "operator.md"
STRANGER = "casetrail_test_stranger"


def test_nobody_else_can_connect_and_hold_the_writers_lock(postgresql_server: Server, tmp_path: Path) -> None:
    shown = [line.strip() for line in PAGE.read_text().splitlines()]
    statements = [line for line in shown if line.startswith(("REVOKE ", "GRANT ")) and line.endswith(";")]
    postgresql_server.execute(Server._role_sql(STRANGER))
    with postgresql_server.empty_database() as database:
        name = str(sa.make_url(database.url).database)
        for statement in statements:
            postgresql_server.execute(statement.replace(" ledger ", f" {name} ").replace("casetrail_app", APP_ROLE))

        urls = {"CASETRAIL_DATABASE_URL": database.url, "CASETRAIL_OWNER_DATABASE_URL": database.owner_url}
        terminal = Terminal({"CASETRAIL_INSTANCE": str(tmp_path / "instance"), **urls})
        assert terminal.type("init").code == 0
        assert terminal.type("verify", "--json").value == {"events": 1, "ledger": "holds"}
        engine = open_engine(postgresql_server.url(STRANGER, name))
        with pytest.raises(sa.exc.OperationalError, match="permission denied"), engine.connect():
            pass
        engine.dispose()
