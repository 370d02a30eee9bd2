"""The tables of a seizure and of its lines say what their rules say, and nothing stands outside them."""

from typing import get_type_hints

import pytest

from domain.catalogue import Catalogue
from domain.kernel import Event, Table, members
from domain.kinds.seizure import (
    EVENTS,
    KIND,
    TABLE,
    acts,
    claim_acts,
    custody_acts,
    disposal_acts,
    item_acts,
    stages,
    storage_acts,
)
from domain.kinds.seizure.item_rules import LINES


@pytest.mark.parametrize("table", [TABLE, LINES], ids=["seizure", "lines"])
def test_every_key_of_a_table_says_what_its_rule_says(table: Table) -> None:
    for (group, command), rule in table.items():
        first, second = list(get_type_hints(rule).values())[:2]
        assert set(members(first)) == set(members(group)), rule
        assert second is command, rule


def test_every_command_on_a_line_stands_in_both_tables() -> None:
    on_lines = {command for _, command in LINES}

    assert on_lines == {command for _, command in TABLE if issubclass(command, acts.LineCommand)}


def test_the_kind_lists_every_fact_its_modules_declare() -> None:
    modules = (acts, custody_acts, storage_acts, item_acts, claim_acts, disposal_acts)
    declared = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value.type
    }

    assert set(EVENTS) == declared
    assert all(event.type.startswith("seizure.") for event in EVENTS)


def test_the_kind_fits_into_a_catalogue() -> None:
    catalogue = Catalogue({"seizure": KIND}, {})

    assert catalogue.kind_of(acts.SeizeGoods) is KIND
    assert KIND.opening is acts.InterceptConsignment


def test_a_closed_case_takes_only_what_opens_it_again() -> None:
    closed = {command for stage, command in KIND.rules if stage is stages.Closed}

    assert closed == {acts.DeclareSeizureUnlawful, disposal_acts.LodgeForfeitureAppeal, item_acts.RecordItemFound}
