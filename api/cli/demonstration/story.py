"""The whole story in the order it is told: the party register, the nine cases, their links, the correction."""

from collections.abc import Iterator

from api.cli.demonstration import custody_a, dormitory, inquiry_a, network, parcel, sensors
from api.cli.demonstration.cast import FIELD_1, LEAD, PARTIES, SENTENCES, Person
from api.cli.demonstration.statements import (
    DET_A,
    DET_B,
    INV_1,
    INV_2,
    INV_C,
    SEI_A,
    SEI_B,
    SEN_C,
    Case,
    Ref,
    Step,
    exact,
)


def registered() -> Iterator[Step]:
    """The parties, as entries of the register that say nothing of who they are."""
    for name, party_type in PARTIES.items():
        yield Case(name, "parties").opened(FIELD_1, exact("2022-02-01 09:00"), party_type=party_type)


LINKS: tuple[tuple[Case, str, Case, Person, str, str], ...] = (
    (SEI_A, "gave_rise_to", DET_A, FIELD_1, "2025-04-17 09:30", "The sender of the parcel was apprehended."),
    (SEI_A, "evidence_for", INV_1, LEAD, "2025-04-18 12:00", "The vests are what the inquiry is about."),
    (DET_A, "supports", INV_1, LEAD, "2025-04-18 12:10", "The same parcel, the same person."),
    (SEI_B, "gave_rise_to", DET_B, FIELD_1, "2024-12-17 11:00", "The goods were in the person's room."),
    (INV_2, "possible_overlap", INV_1, LEAD, "2025-09-04 09:00", "Both ask who helped; nothing more is known."),
    (INV_C, "led_to", SEN_C, SENTENCES, "2023-02-02 16:00", "The verdict is the conviction."),
)
"""From which case, what kind of link, to which, who confirms it there, when, and why."""


def linked() -> Iterator[Step]:
    """Every link proposed in one case and confirmed in the other."""
    for near, link, far, confirmer, time, why in LINKS:
        at = exact(time)
        yield near.noted("propose-link", LEAD, at, other=Ref(far.name), link=link, reason=why)
        yield far.noted("confirm-link", confirmer, at, other=Ref(near.name), link=link, reason=why)


STORY: tuple[Step, ...] = (
    *registered(),
    *parcel.STEPS,
    *custody_a.STEPS,
    *inquiry_a.STEPS,
    *dormitory.SEIZURE_STEPS,
    *dormitory.DETENTION_STEPS,
    *network.DETENTION_STEPS,
    *network.INQUIRY_STEPS,
    *sensors.INQUIRY_STEPS,
    *sensors.SENTENCING_STEPS,
    *linked(),
    dormitory.PROPOSAL,
    dormitory.CORRECTION,
)
"""Every command of the demonstration. Its bodies never change from run to run, so that a repeated one is known again."""
