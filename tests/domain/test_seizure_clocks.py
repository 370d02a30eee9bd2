"""The clocks of a seizure: what starts each, what stops it, and when it is due, asked of whole decided histories."""

from datetime import timedelta

import pytest

from domain.clocks import Deadline, deadlines
from domain.history import effective
from domain.kernel import Command, Entry
from domain.kinds.seizure import claim_acts
from domain.kinds.seizure.custody_acts import CheckInItem
from domain.kinds.seizure.item_acts import RecordItemFound, WriteOffLoss
from domain.profiles import OnExpiry
from domain.values import at
from tests.domain.test_seizure import (
    CLOSE,
    COMPLETE,
    COMPLETED,
    CONDEMN,
    DECREE,
    FORFEIT,
    HAND_BACK,
    JUDGE,
    KEEPER,
    LISTED,
    NOTICE,
    NOTIFIED,
    RETURN,
    SEIZED,
    SINGLE,
    UNLAWFUL,
    act,
    after,
)
from tests.domain.test_seizure_disposal import APPEAL, COLD, EARLY, OWNER, RISK, RISKY, TAKEN, TO_OWNER
from tests.domain.test_seizure_items import CHECK_IN, CHECK_OUT, MISSING, SPLIT, STORED
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON

FOUND = act(RecordItemFound, line="1", place="Van", custodian=KEEPER, seal="S-1")
LOST = act(WriteOffLoss, by=JUDGE, line="1", authority=DECREE, reason="Stolen.")


def runs(history: list[Entry], clock: str) -> list[Deadline]:
    """The runs of a clock over a history."""
    return [deadline for deadline in deadlines(NEUTRAL, effective(history)) if deadline.clock == clock]


def open_runs(history: list[Entry], clock: str) -> list[str | None]:
    """The names of the runs of a clock that nothing has stopped."""
    return [deadline.run for deadline in runs(history, clock) if deadline.stopped_by is None]


STARTED: list[tuple[str, list[Entry], str | None, timedelta]] = [
    ("inventory", SEIZED, None, 24 * HOUR),
    ("seizure-notice", SEIZED, None, 30 * DAY),
    ("notice-to-party", after(NOTIFIED, OWNER), str(OTHER_PERSON), 30 * DAY),
    ("claim-window", NOTIFIED, "N-1", 60 * DAY),
    ("retention-review", SEIZED, None, 90 * DAY),
    ("stocktake", COMPLETED, None, 180 * DAY),
    ("return-of-goods", after(SINGLE, RETURN), "1", 14 * DAY),
    ("return-of-owed-goods", after(SINGLE, UNLAWFUL), "1", 14 * DAY),
    ("early-disposal", RISKY, "1", 48 * HOUR),
    ("forfeiture-appeal-window", TAKEN, "1", 30 * DAY),
    ("check-out", after(STORED, CHECK_OUT), "1", 5 * DAY),
]


@pytest.mark.parametrize(("clock", "history", "run", "lasts"), STARTED, ids=[clock for clock, *_ in STARTED])
def test_a_clock_runs_for_as_long_as_the_profile_says(clock: str, history: list[Entry], run: str, lasts: timedelta) -> None:
    (found,) = runs(history, clock)

    assert found.due == NOON + lasts
    assert found.stopped_by is None
    assert (found.run if found.run is None else str(found.run)) == run


STOPPED: list[tuple[str, list[Entry], Command]] = [
    ("inventory", LISTED, COMPLETE),
    ("seizure-notice", COMPLETED, NOTICE),
    ("notice-to-party", after(NOTIFIED, OWNER), TO_OWNER),
    ("return-of-goods", after(SINGLE, RETURN), HAND_BACK),
    ("return-of-goods", after(SINGLE, RETURN, MISSING), LOST),
    ("return-of-owed-goods", after(SINGLE, UNLAWFUL, RETURN), HAND_BACK),
    ("early-disposal", RISKY, EARLY),
    ("early-disposal", RISKY, RETURN),
    ("early-disposal", after(SINGLE, FORFEIT, RISK), CONDEMN),
    ("early-disposal", after(SINGLE, FORFEIT, RISK), CLOSE),
    ("forfeiture-appeal-window", TAKEN, APPEAL),
    ("forfeiture-appeal-window", TAKEN, RETURN),
    ("check-out", after(STORED, CHECK_OUT), CHECK_IN),
    ("check-out", after(STORED, CHECK_OUT, MISSING), FOUND),
    ("check-out", after(STORED, CHECK_OUT, MISSING), LOST),
]


@pytest.mark.parametrize(("clock", "history", "command"), STOPPED, ids=lambda value: str(type(value).__name__))
def test_a_clock_stops_with_its_matter(clock: str, history: list[Entry], command: Command) -> None:
    assert len(open_runs(history, clock)) == 1
    assert open_runs(after(history, command), clock) == []


def test_every_clock_of_a_seizure_ends_with_the_case() -> None:
    history = after(TAKEN, CLOSE)

    assert [deadline.clock for deadline in deadlines(NEUTRAL, effective(history)) if deadline.stopped_by is None] == []


def test_an_owner_identified_later_is_given_the_whole_time_for_notice_anew() -> None:
    later = act(claim_acts.IdentifyInterestedParty, party=OTHER_PERSON, interest=OWNER.interest, when=at(NOON + 40 * DAY))
    (found,) = runs(after(NOTIFIED, later), "notice-to-party")

    assert found.due == NOON + 70 * DAY
    assert found.on_expiry is OnExpiry.OBLIGATION


def test_a_notice_to_somebody_else_leaves_the_owner_to_be_notified() -> None:
    assert open_runs(after(COMPLETED, OWNER, NOTICE), "notice-to-party") == [str(OTHER_PERSON)]


def test_every_line_of_an_unlawful_seizure_is_to_be_returned_in_time() -> None:
    assert open_runs(after(NOTIFIED, UNLAWFUL), "return-of-owed-goods") == ["1", "2"]
    assert open_runs(after(COMPLETED, UNLAWFUL, SPLIT), "return-of-owed-goods") == ["2", "1.1", "1.2"]


def test_a_check_in_at_another_store_stops_the_clock_too() -> None:
    back = act(CheckInItem, line="1", place="Cold room", seal="S-1", storage_class=COLD.storage_class)

    assert open_runs(after(STORED, COLD, CHECK_OUT, back), "check-out") == []
