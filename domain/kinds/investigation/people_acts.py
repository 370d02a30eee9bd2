"""The persons an investigation concerns and what is alleged: commands and events."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.values import (
    Answer,
    CaseId,
    Code,
    CountLimit,
    Label,
    Material,
    Moment,
    Narrative,
    PartyId,
    Personal,
    TextLimit,
    When,
)

# --- Words ----------------------------------------------------------------------------------------------------


class SubjectStatus(StrEnum):
    """What a person is to the investigation. Kinds of persons are kept apart: Directive (EU) 2016/680, art. 6."""

    PERSON_OF_INTEREST = "person_of_interest"
    SUSPECT = "suspect"
    ACCUSED = "accused"
    WITNESS = "witness"
    VICTIM = "victim"
    CLEARED = "cleared"
    CONVICTED = "convicted"


Parties: TypeAlias = Annotated[tuple[PartyId, ...], CountLimit(50)]
Language: TypeAlias = Personal[Annotated[str, TextLimit(35)]]
"""A language as it is called, sealed with the person's data."""


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSubject(Command):
    """Add a person the investigation concerns, as what the person is to it.

    ``grounds`` are this person's own; a suspect needs them.
    """

    by: ClassVar[By] = officers()

    party: PartyId
    status: SubjectStatus
    grounds: Narrative | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """The person."""
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSubjectStatus(Command):
    """Change what a person is to the investigation; the earlier status stays in the history."""

    by: ClassVar[By] = officers("lead")

    party: PartyId
    status: SubjectStatus
    grounds: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainSubjectRights(Command):
    """Record that the rights of a suspect or an accused were explained, and in which language.

    ``written_notice`` says whether the person got them in writing too.
    """

    by: ClassVar[By] = officers()

    party: PartyId
    language: Language
    interpreter_needed: Answer
    interpreter_present: Answer
    written_notice: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class EliminateSubject(Command):
    """Eliminate a person from the investigation, with a reason."""

    by: ClassVar[By] = officers("lead")

    party: PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAllegation(Command):
    """Record an allegation: the law, what would have to be shown, and the period.

    ``allegation`` is a short reference, given once in the case; ``parties`` are subjects, none where the offender is
    unknown; ``period`` is the time alleged, as exactly as it is known.
    """

    by: ClassVar[By] = officers()

    allegation: Code
    law: Label
    elements: Narrative
    period: When
    parties: Parties = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendAllegation(Command):
    """Amend an allegation by stating it anew, with a reason."""

    by: ClassVar[By] = officers()

    allegation: Code
    law: Label
    elements: Narrative
    period: When
    parties: Parties = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAllegation(Command):
    """Withdraw an allegation, with a reason."""

    by: ClassVar[By] = officers()

    allegation: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLimitation(Command):
    """State when prosecution of an allegation becomes barred by time, and by which law.

    ``expires`` is the first moment at which it is barred, null where the period no longer runs. It is an officer's
    reading of the law: the neutral profile knows no period of limitation.
    """

    by: ClassVar[By] = officers()

    allegation: Code
    provision: Label
    expires: Moment | None


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectAdded(Event):
    """The investigation concerns this person."""

    type: ClassVar[str] = "investigation.subject_added"
    material: ClassVar[Material] = Material.TERMS

    party: PartyId
    status: SubjectStatus
    grounds: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectStatusChanged(Event):
    """What a person is to the investigation changed; ``was`` as the record stood when it was changed."""

    type: ClassVar[str] = "investigation.subject_status_changed"
    material: ClassVar[Material] = Material.TERMS

    party: PartyId
    was: SubjectStatus
    status: SubjectStatus
    grounds: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRightsExplained(Event):
    """The rights of a suspect or an accused were explained."""

    type: ClassVar[str] = "investigation.subject_rights_explained"

    party: PartyId
    language: Language
    interpreter_needed: Answer
    interpreter_present: Answer
    written_notice: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectEliminated(Event):
    """The investigation no longer concerns this person."""

    type: ClassVar[str] = "investigation.subject_eliminated"

    party: PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class AllegationRecorded(Event):
    """An allegation was made; how far it is established stands in the block."""

    type: ClassVar[str] = "investigation.allegation_recorded"

    allegation: Code
    law: Label
    elements: Narrative
    period: When
    parties: Parties


@dataclass(frozen=True, slots=True, kw_only=True)
class AllegationAmended(Event):
    """An allegation was stated anew."""

    type: ClassVar[str] = "investigation.allegation_amended"

    allegation: Code
    law: Label
    elements: Narrative
    period: When
    parties: Parties


@dataclass(frozen=True, slots=True, kw_only=True)
class AllegationWithdrawn(Event):
    """An allegation is no longer maintained."""

    type: ClassVar[str] = "investigation.allegation_withdrawn"

    allegation: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationStated(Event):
    """Prosecution of an allegation is barred from ``expires`` on, null where the period no longer runs."""

    type: ClassVar[str] = "investigation.limitation_stated"

    allegation: Code
    provision: Label
    expires: Moment | None
