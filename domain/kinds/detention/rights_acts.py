"""What a held person is told and may ask for: rights in a language followed, counsel, consular notice."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.values import Answer, Code, Moment, Narrative, Number, PartyId, Personal, TextLimit

# --- Words ----------------------------------------------------------------------------------------------------

Language: TypeAlias = Personal[Annotated[str, TextLimit(35)]]
"""A language by its BCP 47 tag, or as stated. Sealed: it may tell a person's origin."""

Post: TypeAlias = Personal[Annotated[str, TextLimit(200)]]
"""A consular post. Sealed: it tells a person's nationality."""


class Means(StrEnum):
    """How somebody was reached."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    VIDEO = "video"
    LETTER = "letter"
    ELECTRONIC = "electronic"


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNoInterpreterRequired(Command):
    """Record that the person needs no interpreter in the language used."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRights(Command):
    """Record that the person's rights were explained, in which language, through whom.

    ``interpreter`` is a code from the agency's list of interpreters.
    """

    language: Language
    interpreter: Code | None = None
    written_notice: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCounsel(Command):
    """Record that the person was offered counsel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounselRequest(Command):
    """Record that the person asked for counsel; an earlier waiver no longer stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounselWaiver(Command):
    """Record that the person, told of the right, did without counsel.

    ``statement`` is what the person said, in ``language``.
    """

    language: Language
    statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounselAttendance(Command):
    """Record that counsel attended the person, and whether in private."""

    means: Means
    in_private: Answer = Answer.UNKNOWN
    counsel: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayCounselAccess(Command):
    """Record that access to counsel is delayed until a moment, by what authority."""

    by: ClassVar[By] = officers("senior")

    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainConsularRight(Command):
    """Record that the person was told of the right to consular notification."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsularRequest(Command):
    """Record that the person wants the consular post notified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsularRefusal(Command):
    """Record that the person, told of the right, does not want the post notified."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyConsularPost(Command):
    """Record that the consular post was notified, how and under which reference.

    Without the person's request ``authority`` names the treaty that demands it.
    """

    post: Post
    means: Means
    reference: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsularVisit(Command):
    """Record that a consular officer visited or spoke to the person."""

    post: Post
    means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeConsularMessage(Command):
    """Record that the person handed over a message to the consular post, to be forwarded.

    ``message`` is the number it is kept under; what it says is nobody's business here.
    """

    message: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardConsularMessage(Command):
    """Record that a message the person handed over was forwarded to the consular post."""

    message: Number
    means: Means


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NoInterpreterRequired(Event):
    """The person follows the language used."""

    type: ClassVar[str] = "detention.no_interpreter_required"

    party: PartyId
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsExplained(Event):
    """The person's rights were explained."""

    type: ClassVar[str] = "detention.rights_explained"

    party: PartyId
    language: Language
    interpreter: Code | None
    written_notice: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class CounselOffered(Event):
    """The person was offered counsel."""

    type: ClassVar[str] = "detention.counsel_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounselRequested(Event):
    """The person asked for counsel."""

    type: ClassVar[str] = "detention.counsel_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounselWaived(Event):
    """The person did without counsel, and may ask for one at any time."""

    type: ClassVar[str] = "detention.counsel_waived"

    party: PartyId
    language: Language
    statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class CounselAttended(Event):
    """Counsel attended the person."""

    type: ClassVar[str] = "detention.counsel_attended"

    means: Means
    in_private: Answer
    counsel: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounselAccessDelayed(Event):
    """Access to counsel is delayed until a moment, on ``authority`` and for ``reason``."""

    type: ClassVar[str] = "detention.counsel_access_delayed"

    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularRightExplained(Event):
    """The person was told of the right to consular notification."""

    type: ClassVar[str] = "detention.consular_right_explained"

    party: PartyId
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularNotificationRequested(Event):
    """The person wants the consular post notified."""

    type: ClassVar[str] = "detention.consular_notification_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularNotificationDeclined(Event):
    """The person does not want the consular post notified."""

    type: ClassVar[str] = "detention.consular_notification_declined"

    party: PartyId
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularPostNotified(Event):
    """The consular post was notified."""

    type: ClassVar[str] = "detention.consular_post_notified"

    party: PartyId
    post: Post
    means: Means
    reference: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularVisitRecorded(Event):
    """A consular officer visited or spoke to the person."""

    type: ClassVar[str] = "detention.consular_visit_recorded"

    party: PartyId
    post: Post
    means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularMessageTaken(Event):
    """The person handed over a message to the consular post: it is to be forwarded without delay."""

    type: ClassVar[str] = "detention.consular_message_taken"

    message: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsularMessageForwarded(Event):
    """A message the person had handed over went to the consular post."""

    type: ClassVar[str] = "detention.consular_message_forwarded"

    message: Number
    means: Means
