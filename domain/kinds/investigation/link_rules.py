"""Hypotheses about who belongs together, and who may be one person: refusals and rules."""

from datetime import datetime

from domain.dossier.rules import require_party
from domain.kernel import Context, Events, Refusal, Refused, Statement, record, require, require_another, require_reason
from domain.kinds.investigation.guards import DESIGN, require_evidence, require_new
from domain.kinds.investigation.link_acts import (
    NetworkLinkProposed,
    NetworkLinkRejected,
    NetworkLinkRenewed,
    NotePossibleSamePerson,
    PossibleSamePersonNoted,
    PossibleSamePersonResolved,
    ProposeNetworkLink,
    RejectNetworkLink,
    RenewNetworkLink,
    ResolvePossibleSamePerson,
    Sameness,
)
from domain.kinds.investigation.stages import Matter, NetworkLink, Unclosed, Underway
from domain.limits import limit_end
from domain.values import CaseId

# --- Refusals -------------------------------------------------------------------------------------------------

LINK_END_UNKNOWN = Refusal("network-link-end-unknown", "Each end of a network link is a registered party or a case.", DESIGN)
LINK_ENDS_EQUAL = Refusal("network-link-ends-equal", "A network link has two different ends.", DESIGN)
LINK_TIME_IMPRECISE = Refusal(
    "network-link-time-imprecise", "A time limit is not counted from a time that is not known to the minute.", DESIGN
)
LINK_TOO_LONG = Refusal(
    "network-link-too-long",
    "A network link expires after it is made and within the longest time allowed.",
    "default-neutral@1, network link",
)
LINK_UNKNOWN = Refusal("network-link-unknown", "No network link of that reference is maintained in this case.", DESIGN)
LINK_EXPIRED = Refusal(
    "network-link-expired",
    "An expired network link is not renewed; it is proposed anew.",
    "default-neutral@1, network link",
)
LINK_WITHOUT_NEW_EVIDENCE = Refusal(
    "network-link-without-new-evidence", "A network link is renewed on evidence it does not rest on yet.", DESIGN
)
SAME_PARTY = Refusal("same-party", "Two different parties are needed to ask whether they are one person.", DESIGN)
NOTE_UNKNOWN = Refusal("same-person-note-unknown", "No possible-same-person note has that reference.", DESIGN)
NOTE_RESOLVED = Refusal("same-person-note-resolved", "This question was answered already.", DESIGN)
NOTER_RESOLVES = Refusal("noter-resolves", "Who noted that two parties may be one person does not resolve it.", DESIGN)


# --- Network links --------------------------------------------------------------------------------------------


def kind_of(end: CaseId, context: Context) -> str:
    """What stands at an end of a link: a party or a kind of case; a refusal if nothing does."""
    if end == context.case_id:
        return "investigation"
    other = context.others.get(end)
    if other is None:
        raise Refused(LINK_END_UNKNOWN)
    return other.kind


def require_expiry(command: Statement, expires: datetime, context: Context) -> None:
    """Refuse an expiry that is past at once or too far off; counted from the earliest the act may have been."""
    begun, ended = command.when.earliest, command.when.latest
    if not command.when.precise or begun is None or ended is None:
        raise Refused(LINK_TIME_IMPRECISE)
    require(ended <= expires <= limit_end(context, "network_link", begun, command.when.zone), LINK_TOO_LONG)


def maintained(matter: Matter, reference: str) -> NetworkLink:
    """The network link under a reference, or a refusal where it was never proposed or is rejected."""
    link = matter.network.get(reference)
    if link is None or link.rejected:
        raise Refused(LINK_UNKNOWN)
    return link


def propose_network_link(stage: Underway, command: ProposeNetworkLink, context: Context) -> Events:
    """Propose that two belong together, on evidence and for a limited time."""
    require_new(command.network_link, stage.matter.network)
    require(command.first != command.second, LINK_ENDS_EQUAL)
    kinds = {"first_kind": kind_of(command.first, context), "second_kind": kind_of(command.second, context)}
    require_evidence(stage.matter, command.evidence)
    require_expiry(command, command.expires, context)
    return (record(NetworkLinkProposed, command, **kinds),)


def renew_network_link(stage: Underway, command: RenewNetworkLink, context: Context) -> Events:
    """Prolong a link that has not expired, on further evidence."""
    link = maintained(stage.matter, command.network_link)
    require_evidence(stage.matter, command.evidence)
    require(not link.evidence.issuperset(command.evidence), LINK_WITHOUT_NEW_EVIDENCE)
    require_expiry(command, command.expires, context)
    require((command.when.latest or context.now) <= link.expires, LINK_EXPIRED)
    return (record(NetworkLinkRenewed, command),)


def reject_network_link(stage: Unclosed, command: RejectNetworkLink, context: Context) -> Events:
    """Give a link up, expired or not."""
    require_reason(command)
    maintained(stage.matter, command.network_link)
    return (record(NetworkLinkRejected, command),)


# --- Possibly one person --------------------------------------------------------------------------------------


def note_possible_same_person(stage: Underway, command: NotePossibleSamePerson, context: Context) -> Events:
    """Write down a question; both parties stay what they are."""
    require_new(command.note, stage.matter.notes)
    require(command.first != command.second, SAME_PARTY)
    require_party(command.first, context)
    require_party(command.second, context)
    return (record(PossibleSamePersonNoted, command),)


def resolve_possible_same_person(stage: Unclosed, command: ResolvePossibleSamePerson, context: Context) -> Events:
    """Write down an answer by another officer; an undetermined question may be answered later."""
    require_reason(command)
    note = stage.matter.notes.get(command.note)
    if note is None:
        raise Refused(NOTE_UNKNOWN)
    require(note.outcome in (None, Sameness.UNDETERMINED), NOTE_RESOLVED)
    require_another(command, context, NOTER_RESOLVES, note.noted_by)
    return (record(PossibleSamePersonResolved, command),)
