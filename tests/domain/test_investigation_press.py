"""What the press claims, held as claims: who says so, how far it is established, and when, as vaguely as it was said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.dossier.rules import ONLY_COURT_ESTABLISHES
from domain.kernel import record
from domain.kinds.investigation import KIND
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation.inquiry_acts import Channel, FactTopic
from domain.kinds.investigation.stages import Begun
from domain.values import ClaimStatus, Precision, Quantity, Source, SourceKind, Unit, When, origins
from tests.domain.investigation_examples import COURT_ORDER, OPEN, OTHERS, THIRD_PERSON, asked, denied, fact, in_context
from tests.scenario import OTHER_PERSON, PERSON, given, then

MID_APRIL = When(None, None, Precision.UNKNOWN, "Europe/Moscow", "mid-April, no year given")
BEFORE_THAT = When(None, None, Precision.UNKNOWN, "Europe/Moscow", "before the detention in mid-April")
IN_2022 = When(datetime(2022, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC), Precision.YEAR)
FALL_2022 = When(
    datetime(2022, 9, 1, tzinfo=UTC),
    datetime(2022, 12, 1, tzinfo=UTC),
    Precision.SEASON,
    "Europe/Moscow",
    "fall 2022: the attempt, the conviction or both",
)
DECEMBER_2024 = When(datetime(2024, 12, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), Precision.MONTH)
SINCE_DECEMBER = When(datetime(2024, 12, 1, tzinfo=UTC), None, Precision.RANGE, as_stated="December 2024 or later")
UNDATED = When(None, None, Precision.UNKNOWN, as_stated="undated")
CURRENTLY = When(None, None, Precision.UNKNOWN, as_stated="currently")

CLAIMS: list[tuple[str, FactTopic, ClaimStatus, When, str, tuple[Any, ...]]] = [
    ("F05", FactTopic.DETENTION, ClaimStatus.REPORTED, MID_APRIL, "authority", (PERSON,)),
    ("F06", FactTopic.SHIPMENT, ClaimStatus.ALLEGED, MID_APRIL, "authority", (PERSON,)),
    ("F07", FactTopic.SEIZURE, ClaimStatus.REPORTED, MID_APRIL, "authority", ()),
    ("F08", FactTopic.SHIPMENT, ClaimStatus.ALLEGED, BEFORE_THAT, "authority", (PERSON,)),
    ("F09", FactTopic.SEIZURE, ClaimStatus.REPORTED, MID_APRIL, "authority", ()),
    ("F10", FactTopic.OTHER, ClaimStatus.REPORTED, IN_2022, "newspaper", ()),
    ("F11", FactTopic.STORAGE, ClaimStatus.ALLEGED, DECEMBER_2024, "authority", (OTHER_PERSON,)),
    ("F12", FactTopic.PURCHASE, ClaimStatus.CONTESTED, SINCE_DECEMBER, "defense", (OTHER_PERSON,)),
    ("F13", FactTopic.COURT, ClaimStatus.REPORTED, FALL_2022, "court", (THIRD_PERSON,)),
    ("F14", FactTopic.DETENTION, ClaimStatus.ALLEGED, UNDATED, "authority", ()),
    ("F15", FactTopic.NETWORK, ClaimStatus.REPORTED, CURRENTLY, "authority", ()),
]


def articles(asserted_by: str) -> tuple[Source, ...]:
    """Two articles that repeat one newspaper, which in turn heard it from ``asserted_by``."""
    return tuple(
        Source(article, SourceKind.PRESS, "newspaper-1", asserted_by=asserted_by) for article in ("article-0", "article-1")
    )


def claimed(
    reference: str, about: FactTopic, status: ClaimStatus, happened: When, asserted_by: str, parties: tuple[Any, ...]
) -> inquiry.RecordFact:
    """A claim of the press, as it goes to the file."""
    return asked(
        inquiry.RecordFact,
        fact=f"press:{reference}",
        about=about,
        statement="as the article says",
        happened=happened,
        parties=parties,
        claim_status=status,
        sources=articles(asserted_by),
        authority=None,
        reason=None,
    )


@pytest.mark.parametrize("claim", CLAIMS, ids=[c[0] for c in CLAIMS])
def test_a_press_claim_is_held_as_vaguely_as_it_was_made(claim: Any) -> None:
    command = claimed(*claim)
    assert set(command.refers_to()) <= set(OTHERS)
    fits(command)


def fits(command: inquiry.RecordFact) -> None:
    """The fact is recorded word for word, its two articles one origin and no precise time."""
    stage = then(KIND, given(*OPEN), command, record(inquiry.FactRecorded, command), ctx=in_context())
    assert isinstance(stage, Begun)
    assert stage.matter.material[command.fact].status is command.claim_status
    assert len(command.sources) == 2
    assert len(origins(command.sources)) == 1
    assert not command.happened.precise


def test_a_conviction_known_from_the_press_alone_is_not_established() -> None:
    told = claimed("F13", FactTopic.COURT, ClaimStatus.ESTABLISHED, FALL_2022, "court", ())
    denied(OPEN, told, ONLY_COURT_ESTABLISHES)


def test_a_conviction_is_established_once_the_judgment_is_there() -> None:
    told = claimed("F13", FactTopic.COURT, ClaimStatus.REPORTED, FALL_2022, "court", ())
    history = [*OPEN, record(inquiry.FactRecorded, told)]
    judgment = (Source("judgment-1", SourceKind.COURT, "district-court"),)
    establish = asked(
        inquiry.ChangeClaimStatus,
        item="press:F13",
        claim_status=ClaimStatus.ESTABLISHED,
        authority=COURT_ORDER,
        sources=judgment,
    )
    then(KIND, given(*history), establish, record(inquiry.ClaimStatusChanged, establish, was=ClaimStatus.REPORTED))


def test_an_earlier_shipment_may_state_no_number_and_no_date() -> None:
    ship = asked(
        inquiry.RecordPriorShipment,
        shipment="P-1",
        channel=Channel.UNKNOWN,
        happened=BEFORE_THAT,
        items="similar gear",
        evidence=("F9",),
        quantity=Quantity(None, Unit.PIECE),
        claim_status=ClaimStatus.ALLEGED,
    )
    then(KIND, given(*OPEN, fact(17, "F9")), ship, record(inquiry.PriorShipmentRecorded, ship))


def test_two_claims_that_differ_stand_side_by_side() -> None:
    vests = claimed("F03", FactTopic.SHIPMENT, ClaimStatus.REPORTED, UNDATED, "newspaper", ())
    weapons = claimed("F16", FactTopic.SHIPMENT, ClaimStatus.UNVERIFIED, UNDATED, "commentary site", ())
    history = given(*OPEN, record(inquiry.FactRecorded, vests))
    stage = then(KIND, history, weapons, record(inquiry.FactRecorded, weapons))
    assert isinstance(stage, Begun)
    assert stage.matter.material["press:F03"].status is ClaimStatus.REPORTED
    assert stage.matter.material["press:F16"].status is ClaimStatus.UNVERIFIED
