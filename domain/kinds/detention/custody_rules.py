"""The rules on where the person is and on how custody ends. Release, escape and death have no guard."""

from domain.dossier.duty_rules import require_nothing_owed
from domain.kernel import (
    Context,
    Events,
    Refusal,
    Refused,
    record,
    require,
    require_authority,
    require_reason,
)
from domain.kinds.detention.custody_acts import (
    AcceptDetaineeTransfer,
    CloseDetention,
    CustodyLocationChanged,
    DeathReported,
    DeclineDetaineeTransfer,
    DetaineeTransferAccepted,
    DetaineeTransferDeclined,
    DetaineeTransferOffered,
    DetaineeTransferWithdrawn,
    DetentionClosed,
    DetentionOutcome,
    MovePerson,
    OfferDetaineeTransfer,
    PersonDied,
    PersonEscaped,
    PersonReleased,
    PersonReturned,
    RecordDetaineeDeath,
    RecordDetaineeEscape,
    RecordDetaineeReturn,
    ReleasePerson,
    ReportDetaineeDeath,
    WithdrawDetaineeTransfer,
)
from domain.kinds.detention.stages import (
    SETTLED,
    Concerned,
    Died,
    Ended,
    Escaped,
    Held,
    Released,
    TransferOffer,
    UnderPower,
    Unended,
)

# --- Refusals -------------------------------------------------------------------------------------------------

DESIGN = "casetrail design, domain rules"
NOT_ARRIVED = Refusal("not-arrived", "A person is moved from a place of custody where the arrival is recorded.", DESIGN)
SAME_FACILITY = Refusal("same-facility", "The person is held at this place already.", DESIGN)
TRANSFER_OFFER_STANDS = Refusal(
    "detainee-transfer-offer-stands", "An unanswered offer to another agency stands already.", DESIGN
)
NO_TRANSFER_OFFER = Refusal(
    "detainee-transfer-not-offered",
    "Only what was offered to another agency can be accepted, declined or withdrawn.",
    DESIGN,
)
ACCEPTED_BY_GIVER = Refusal(
    "detainee-accepted-by-giver", "Whoever hands a person over does not accept for the other agency.", DESIGN
)
PROPERTY_NOT_SETTLED = Refusal(
    "detainee-property-not-settled",
    "A detention is closed once the person's belongings were handed over or none were found.",
    DESIGN,
)
DEATH_CLOSED_BY_OWN_UNIT = Refusal(
    "death-closed-by-own-unit", "A case in which a person died is not closed by the unit that held the person.", DESIGN
)
INCIDENT_CLOSED_BY_OWN_UNIT = Refusal(
    "incident-closed-by-own-unit",
    "A case with an injury, a complaint or an escape without return is not closed by the unit that held the person.",
    DESIGN,
)
COMPLAINT_UNANSWERED = Refusal(
    "complaint-unanswered", "A detention is closed once every complaint is answered.", "UN Body of Principles, principle 33"
)


# --- Place ----------------------------------------------------------------------------------------------------


def move_person(stage: Held, command: MovePerson, context: Context) -> Events:
    """One place follows the other, so that it is always known where the person is."""
    require_reason(command)
    require(stage.hold.facility is not None, NOT_ARRIVED)
    require(command.facility != stage.hold.facility, SAME_FACILITY)
    return (record(CustodyLocationChanged, command),)


def offer_transfer(stage: UnderPower, command: OfferDetaineeTransfer, context: Context) -> Events:
    """Another agency is asked, on an authority; custody stays until it accepts."""
    require_authority(command)
    require(stage.hold.offer is None, TRANSFER_OFFER_STANDS)
    return (record(DetaineeTransferOffered, command),)


def standing_offer(stage: Held) -> TransferOffer:
    """The offer that waits for an answer, or a refusal."""
    if stage.hold.offer is None:
        raise Refused(NO_TRANSFER_OFFER)
    return stage.hold.offer


def accept_transfer(stage: UnderPower, command: AcceptDetaineeTransfer, context: Context) -> Events:
    """The receiving officer, another than the giver, takes the person over."""
    offer = standing_offer(stage)
    givers = (offer.by, command.decided_by, context.actor.id)
    require(command.receiving_officer not in givers, ACCEPTED_BY_GIVER)
    return (record(DetaineeTransferAccepted, command, agency=offer.agency),)


def decline_transfer(stage: UnderPower, command: DeclineDetaineeTransfer, context: Context) -> Events:
    """The other agency says no, and why."""
    require_reason(command)
    return (record(DetaineeTransferDeclined, command, agency=standing_offer(stage).agency),)


def withdraw_transfer(stage: Held, command: WithdrawDetaineeTransfer, context: Context) -> Events:
    """The giving side takes its offer back, and says why."""
    require_reason(command)
    return (record(DetaineeTransferWithdrawn, command, agency=standing_offer(stage).agency),)


# --- How custody ends -----------------------------------------------------------------------------------------


def release_person(stage: Unended, command: ReleasePerson, context: Context) -> Events:
    """A release is never refused."""
    return (record(PersonReleased, command),)


def record_escape(stage: Concerned, command: RecordDetaineeEscape, context: Context) -> Events:
    """An escape is a fact, whatever the record says."""
    return (record(PersonEscaped, command),)


def record_return(stage: Escaped, command: RecordDetaineeReturn, context: Context) -> Events:
    """The person is back under whatever authority there was; none is renewed by it."""
    return (record(PersonReturned, command),)


def record_death(stage: Unended, command: RecordDetaineeDeath, context: Context) -> Events:
    """A death is a fact, whatever the record says."""
    return (record(PersonDied, command),)


def report_death(stage: Died, command: ReportDetaineeDeath, context: Context) -> Events:
    """As many bodies are told as need to know."""
    return (record(DeathReported, command),)


# --- Closing --------------------------------------------------------------------------------------------------


def close_detention(stage: Ended, command: CloseDetention, context: Context) -> Events:
    """Custody has ended and nothing of the person's is kept; a death or an incident is closed by another unit."""
    require_nothing_owed(context)
    require(stage.property in SETTLED, PROPERTY_NOT_SETTLED)
    require(not stage.standing.complaints, COMPLAINT_UNANSWERED)
    own = context.actor.unit == context.dossier.unit
    require(not (own and isinstance(stage, Died)), DEATH_CLOSED_BY_OWN_UNIT)
    require(not (own and stage.standing.incident), INCIDENT_CLOSED_BY_OWN_UNIT)
    return (record(DetentionClosed, command, outcome=outcome_of(stage)),)


def outcome_of(stage: Ended) -> DetentionOutcome:
    """How custody ended."""
    match stage:
        case Released():
            return DetentionOutcome.RELEASED
        case Died():
            return DetentionOutcome.DIED
        case _:
            return DetentionOutcome.TRANSFERRED
