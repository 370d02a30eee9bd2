"""The rules of what every case has, but for corrections and obligations."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.deadlines import PROFILE_NOT_INSTALLED, select
from domain.dossier.acts import (
    AddAddendum,
    AddendumAdded,
    AssignOfficer,
    ChangeFileNumber,
    ChangeHandling,
    ConfirmLink,
    DescribePerson,
    DisagreementRecorded,
    EndLink,
    FileNumberChanged,
    HandlingChanged,
    LinkAnswered,
    LinkConfirmed,
    LinkEnded,
    LinkProposed,
    LinkRejected,
    LinkState,
    MoveToProfile,
    MoveToUnit,
    OfficerAssigned,
    PersonDescribed,
    ProfileChanged,
    ProposeLink,
    RecordDisagreement,
    RecordLinkAnswer,
    RejectLink,
    UnitChanged,
)
from domain.kernel import (
    RECORD,
    Context,
    Events,
    Opening,
    Other,
    Refusal,
    Refused,
    Stage,
    Statement,
    record,
    require,
    require_reason,
)
from domain.parties import PARTY_MERGED, Merged
from domain.profiles import DEFAULT_PROFILE
from domain.values import AuthorityKind, CaseId, ClaimStatus, PartyId

# --- Refusals -------------------------------------------------------------------------------------------------

NO_SUCH_ENTRY = Refusal("no-such-entry", "There is no standing entry of that version in this case.", RECORD)
UNKNOWN_PARTY = Refusal("unknown-party", "No such person or organization stands in the party register.", RECORD)
UNKNOWN_CASE = Refusal("unknown-case", "There is no such case to link to.", RECORD)
LINK_TO_ITSELF = Refusal("link-to-itself", "A case is not linked to itself.", RECORD)
LINK_STANDS = Refusal("link-stands", "This link is already proposed or confirmed.", RECORD)
LINK_NOT_PROPOSED = Refusal("link-not-proposed", "The other case has not proposed this link.", RECORD)
NO_SUCH_LINK = Refusal("no-such-link", "This case has no such link that could end.", RECORD)
UNCHANGED = Refusal("unchanged", "The case already has that value.", RECORD)
PROFILE_UNVERIFIED = Refusal(
    "profile-unverified",
    "No case is moved to a profile that nobody has verified, unless the instance allows it.",
    "casetrail design, domain rules",
)
PROFILE_NOT_SELECTED = Refusal(
    "profile-not-selected",
    "A case is moved to the profile that its legal basis and the date of the transitional rule select.",
    "the profile's transitional rule",
)
SELECTING_DATE_IMPRECISE = Refusal(
    "selecting-date-imprecise", "A profile is selected by a date that is known to the day.", "the profile's transitional rule"
)
OTHER_DATE_SELECTS = Refusal(
    "other-date-selects",
    "The profile is selected by another date than that of the opening: the case is moved to it when that date is known.",
    "the profile's transitional rule",
)
ONLY_COURT_ESTABLISHES = Refusal(
    "only-court-establishes",
    "Only the order of a court makes a claim established, and only such an order undoes that.",
    "casetrail design, domain rules; cf. Directive (EU) 2016/680, art. 7",
)


# --- Rules ----------------------------------------------------------------------------------------------------


def require_party(party: PartyId, context: Context) -> None:
    """Refuse a person or organization that is not in the party register, nor a merged one for a new case."""
    other = context.others.get(party)
    require(other is not None and other.kind == "party", UNKNOWN_PARTY)
    opening = context.version == 0  # a case that knows the person by a merged id goes on with it
    require(not opening or other is None or not isinstance(other.stage, Merged), PARTY_MERGED)


def by_court(command: Statement) -> bool:
    """Whether an act rests on the order of a court."""
    return command.authority is not None and command.authority.kind is AuthorityKind.COURT_ORDER


def require_claim(command: Statement, status: ClaimStatus, was: ClaimStatus | None = None) -> None:
    """Refuse to bring a claim to ``established``, or away from it, without the order of a court."""
    require(ClaimStatus.ESTABLISHED not in (status, was) or by_court(command), ONLY_COURT_ESTABLISHES)


def add_addendum(stage: Stage, command: AddAddendum, context: Context) -> Events:
    """Add a remark."""
    require(command.target is None or context.target is not None, NO_SUCH_ENTRY)
    return (record(AddendumAdded, command),)


def record_disagreement(stage: Stage, command: RecordDisagreement, context: Context) -> Events:
    """Keep the view of the person concerned beside the record."""
    require_party(command.party, context)
    require(command.target is None or context.target is not None, NO_SUCH_ENTRY)
    return (record(DisagreementRecorded, command),)


def describe_person(stage: Stage, command: DescribePerson, context: Context) -> Events:
    """Record who a registered person is."""
    require_party(command.party, context)
    return (record(PersonDescribed, command),)


def far_end(other: CaseId, context: Context) -> Other:
    """The case at the other end of a link, or a refusal."""
    require(other != context.case_id, LINK_TO_ITSELF)
    found = context.others.get(other)
    if found is None or found.kind == "party":
        raise Refused(UNKNOWN_CASE)
    return found


def record_link_answer(stage: Stage, command: RecordLinkAnswer, context: Context) -> Events:
    """What the other side did is known on this side too, once."""
    known = context.dossier.links.get((command.other, command.link))
    require(known in LIVE and known is not command.answer, UNCHANGED)
    return (record(LinkAnswered, command),)


LIVE = (LinkState.PROPOSED, LinkState.CONFIRMED)


def propose_link(stage: Stage, command: ProposeLink, context: Context) -> Events:
    """Propose a link that does not stand yet on either side."""
    found = far_end(command.other, context)
    require(context.dossier.links.get((command.other, command.link)) not in LIVE, LINK_STANDS)
    require(found.dossier.links.get((context.case_id, command.link)) not in LIVE, LINK_STANDS)
    return (record(LinkProposed, command, other_kind=found.kind),)


def proposed_to_us(command: ConfirmLink | RejectLink, context: Context) -> Other:
    """The case that proposed this link and still maintains it, or a refusal."""
    found = far_end(command.other, context)
    require(found.dossier.links.get((context.case_id, command.link)) is LinkState.PROPOSED, LINK_NOT_PROPOSED)
    return found


def confirm_link(stage: Stage, command: ConfirmLink, context: Context) -> Events:
    """Confirm what the other case proposed."""
    found = proposed_to_us(command, context)
    require(context.dossier.links.get((command.other, command.link)) not in LIVE, LINK_STANDS)
    return (record(LinkConfirmed, command, other_kind=found.kind),)


def reject_link(stage: Stage, command: RejectLink, context: Context) -> Events:
    """Reject what the other case proposed."""
    require_reason(command)
    found = proposed_to_us(command, context)
    require(context.dossier.links.get((command.other, command.link)) not in LIVE, LINK_STANDS)
    return (record(LinkRejected, command, other_kind=found.kind),)


def end_link(stage: Stage, command: EndLink, context: Context) -> Events:
    """End a link this case proposed or confirmed."""
    require_reason(command)
    require(context.dossier.links.get((command.other, command.link)) in LIVE, NO_SUCH_LINK)
    return (record(LinkEnded, command),)


def assign_officer(stage: Stage, command: AssignOfficer, context: Context) -> Events:
    """Assign the case to somebody else."""
    require(command.officer != context.dossier.assignee, UNCHANGED)
    return (record(OfficerAssigned, command),)


def move_to_unit(stage: Stage, command: MoveToUnit, context: Context) -> Events:
    """Hand the case to another unit."""
    require_reason(command)
    require(command.unit != context.dossier.unit, UNCHANGED)
    return (record(UnitChanged, command),)


def change_handling(stage: Stage, command: ChangeHandling, context: Context) -> Events:
    """Change the circle of those who may see the case."""
    require_reason(command)
    require(command.handling != context.dossier.handling, UNCHANGED)
    return (record(HandlingChanged, command),)


def change_file_number(stage: Stage, command: ChangeFileNumber, context: Context) -> Events:
    """Give the case another file number."""
    require_reason(command)
    require(command.file_number != context.dossier.file_number, UNCHANGED)
    return (record(FileNumberChanged, command),)


def selecting_day(command: Opening) -> date:
    """The calendar date of an opening at its place. Refused where it is not known to the day, or not known at all."""
    when = command.when
    if when.earliest is None or when.latest is None:
        raise Refused(SELECTING_DATE_IMPRECISE)
    zone = ZoneInfo(when.zone)
    first, last = (moment.astimezone(zone).date() for moment in (when.earliest, when.latest - timedelta(microseconds=1)))
    require(first == last, SELECTING_DATE_IMPRECISE)
    return first


def opened(command: Opening, context: Context) -> Events:
    """A case opened on a legal basis is under the profile that the basis and the date select; nothing is guessed."""
    if command.legal_basis is None:
        return ()
    day = selecting_day(command)
    profile = select(context.law.installed.values(), command.legal_basis, day)
    require(context.law.permits(profile), PROFILE_UNVERIFIED)
    require(profile.selects_on is command.selects, OTHER_DATE_SELECTS)
    if profile.name == DEFAULT_PROFILE:
        return ()
    moved = record(ProfileChanged, command, profile=profile.name, legal_basis=command.legal_basis, selected_on=day)
    return (moved,)


def move_to_profile(stage: Stage, command: MoveToProfile, context: Context) -> Events:
    """Put the case under the version of the law that its legal basis and date select; no other way leads to another one."""
    require_reason(command)
    require(command.profile != (context.dossier.profile or DEFAULT_PROFILE), UNCHANGED)
    profile = context.law.installed.get(command.profile)
    if profile is None:
        raise Refused(PROFILE_NOT_INSTALLED)
    require(context.law.permits(profile), PROFILE_UNVERIFIED)
    selected = select(context.law.installed.values(), command.legal_basis, command.selected_on)
    require(selected is profile, PROFILE_NOT_SELECTED)
    return (record(ProfileChanged, command),)
