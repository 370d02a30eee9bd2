"""The party register: persons and organizations under random ids without meaning.

A party is no case. It is registered once and named in events by its id alone; who it is stands sealed, in the cases
that describe it or in its own stream, under a key of its own. Directive (EU) 2016/680, art. 6: kinds of persons are kept apart.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import (
    By,
    Context,
    Event,
    Events,
    Kind,
    Nothing,
    Opened,
    Opening,
    Stage,
    impossible,
    officers,
    record,
)


class PartyType(StrEnum):
    """What a party is."""

    PERSON = "person"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterParty(Opening):
    """Register a person or an organization; who it is, is described separately and sealed."""

    by: ClassVar[By] = officers()

    party_type: PartyType


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRegistered(Opened):
    """A person or an organization stands in the register from now on."""

    type: ClassVar[str] = "party.registered"

    party_type: PartyType


@dataclass(frozen=True, slots=True)
class Registered(Stage):
    """In the register."""


def register(stage: Nothing, command: RegisterParty, context: Context) -> Events:
    """Anybody may be registered: being in the register says nothing about a person."""
    return (record(PartyRegistered, command, unit=context.actor.unit),)


def evolve(stage: Stage, event: Event) -> Stage:
    """A registered party stays registered."""
    match stage, event:
        case Nothing(), PartyRegistered():
            return Registered()
        case _:
            impossible(stage, event)


KIND = Kind(
    name="party",
    route="parties",
    law="A register of pseudonyms, Directive (EU) 2016/680, art. 6.",
    events=(PartyRegistered,),
    table={(Nothing, RegisterParty): register},
    evolve=evolve,
    listed=False,
)
