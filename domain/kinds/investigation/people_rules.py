"""The persons an investigation concerns and what is alleged: refusals and rules."""

from collections.abc import Iterable

from domain.dossier.rules import by_court, require_claim, require_party
from domain.kernel import Context, Events, Refusal, Statement, record, require, require_reason
from domain.kinds.investigation.guards import (
    DESIGN,
    require_new,
    require_subject,
)
from domain.kinds.investigation.people_acts import (
    AddSubject,
    AllegationAmended,
    AllegationRecorded,
    AllegationWithdrawn,
    AmendAllegation,
    ChangeSubjectStatus,
    EliminateSubject,
    ExplainSubjectRights,
    LimitationStated,
    RecordAllegation,
    StateLimitation,
    SubjectAdded,
    SubjectEliminated,
    SubjectRightsExplained,
    SubjectStatus,
    SubjectStatusChanged,
    WithdrawAllegation,
)
from domain.kinds.investigation.stages import Matter, Unclosed, Underway
from domain.values import Answer, PartyId

# --- Refusals -------------------------------------------------------------------------------------------------

SUBJECT_STANDS = Refusal("subject-stands", "This person is a subject already.", DESIGN)
SUBJECT_STATUS_UNCHANGED = Refusal("subject-status-unchanged", "This person has that status already.", DESIGN)
SUSPECT_WITHOUT_GROUNDS = Refusal(
    "suspect-without-grounds",
    "A person is made a suspect only on grounds of that person's own.",
    "casetrail design, domain rules; cf. Directive (EU) 2016/680, art. 6(a)",
)
ACCUSED_WITHOUT_CHARGE = Refusal(
    "accused-without-charge", "A person is the accused only while a charge against that person stands.", DESIGN
)
CONVICTED_WITHOUT_VERDICT = Refusal(
    "convicted-without-verdict",
    "A person is convicted only by a recorded verdict of guilty.",
    "casetrail design, domain rules; ICCPR, art. 14(2)",
)
CONVICTION_STANDS = Refusal(
    "conviction-stands", "Whoever a court found guilty has another status only by order of a court.", DESIGN
)
SUBJECT_CHARGED = Refusal(
    "subject-charged",
    "Whoever waits for a verdict stays the accused until it is given or the charge withdrawn.",
    DESIGN,
)
NO_RIGHTS_OF_DEFENSE = Refusal(
    "no-rights-of-defense", "The rights explained here are those of a suspect or an accused.", DESIGN
)
RIGHTS_NOT_UNDERSTOOD = Refusal(
    "rights-without-interpreter",
    "Rights are explained with an interpreter unless it is known that none is needed.",
    "casetrail design, domain rules; cf. UN Body of Principles, principle 14",
)
ALLEGATION_UNKNOWN = Refusal("allegation-unknown", "No allegation of that reference is maintained in this case.", DESIGN)


# --- Rules ----------------------------------------------------------------------------------------------------


def require_status(matter: Matter, command: AddSubject | ChangeSubjectStatus) -> None:
    """Refuse a status that the person's own grounds, the charges or the verdicts do not bear out."""
    party, status = command.party, command.status
    charged, guilty = matter.charged(party), matter.guilty(party)
    require(status is not SubjectStatus.SUSPECT or command.grounds is not None, SUSPECT_WITHOUT_GROUNDS)
    require(status is not SubjectStatus.ACCUSED or charged, ACCUSED_WITHOUT_CHARGE)
    require(status is not SubjectStatus.CONVICTED or guilty, CONVICTED_WITHOUT_VERDICT)
    require(status in (SubjectStatus.ACCUSED, SubjectStatus.CONVICTED) or not charged, SUBJECT_CHARGED)
    require_conviction_respected(matter, party, status, command)


def require_conviction_respected(matter: Matter, party: PartyId, status: SubjectStatus | None, command: Statement) -> None:
    """Refuse to take a person found guilty for anything but convicted without the order of a court."""
    respected = status is SubjectStatus.CONVICTED or not matter.guilty(party) or by_court(command)
    require(respected, CONVICTION_STANDS)


def add_subject(stage: Underway, command: AddSubject, context: Context) -> Events:
    """Take in a registered person; one who was eliminated may come back."""
    require_party(command.party, context)
    known = stage.matter.subjects.get(command.party)
    require(known is None or known.eliminated, SUBJECT_STANDS)
    require_status(stage.matter, command)
    return (record(SubjectAdded, command),)


def change_subject_status(stage: Unclosed, command: ChangeSubjectStatus, context: Context) -> Events:
    """Change what a subject is; after the end of the case too, so that the innocent can be cleared."""
    was = require_subject(stage.matter, command.party).status
    require(command.status is not was, SUBJECT_STATUS_UNCHANGED)
    require_status(stage.matter, command)
    return (record(SubjectStatusChanged, command, was=was),)


def explain_subject_rights(stage: Underway, command: ExplainSubjectRights, context: Context) -> Events:
    """Keep that a suspect knows the rights of the defense; again in another language, if need be."""
    status = require_subject(stage.matter, command.party).status
    require(status in (SubjectStatus.SUSPECT, SubjectStatus.ACCUSED), NO_RIGHTS_OF_DEFENSE)
    understood = Answer.NO is command.interpreter_needed or Answer.YES is command.interpreter_present
    require(understood, RIGHTS_NOT_UNDERSTOOD)
    return (record(SubjectRightsExplained, command),)


def eliminate_subject(stage: Unclosed, command: EliminateSubject, context: Context) -> Events:
    """Let go of a person the investigation does not concern."""
    require_reason(command)
    require_subject(stage.matter, command.party)
    require(not stage.matter.charged(command.party), SUBJECT_CHARGED)
    require_conviction_respected(stage.matter, command.party, None, command)
    return (record(SubjectEliminated, command),)


def require_subjects(matter: Matter, parties: Iterable[PartyId]) -> None:
    """Refuse anybody who is not a subject."""
    for party in parties:
        require_subject(matter, party)


def require_allegation(matter: Matter, reference: str) -> None:
    """Refuse an allegation that was never made or was withdrawn."""
    require(matter.allegations.get(reference, False), ALLEGATION_UNKNOWN)


def record_allegation(stage: Underway, command: RecordAllegation, context: Context) -> Events:
    """Record what is alleged, against subjects or against nobody known."""
    require_new(command.allegation, stage.matter.allegations)
    require_subjects(stage.matter, command.parties)
    require_claim(command, command.claim_status)
    return (record(AllegationRecorded, command),)


def amend_allegation(stage: Underway, command: AmendAllegation, context: Context) -> Events:
    """State an allegation anew."""
    require_reason(command)
    require_allegation(stage.matter, command.allegation)
    require_subjects(stage.matter, command.parties)
    require_claim(command, command.claim_status)
    return (record(AllegationAmended, command),)


def withdraw_allegation(stage: Underway, command: WithdrawAllegation, context: Context) -> Events:
    """Maintain an allegation no longer."""
    require_reason(command)
    require_allegation(stage.matter, command.allegation)
    return (record(AllegationWithdrawn, command),)


def state_limitation(stage: Underway, command: StateLimitation, context: Context) -> Events:
    """Keep when an allegation can no longer be prosecuted; stated anew when that changes."""
    require_reason(command)
    require_allegation(stage.matter, command.allegation)
    return (record(LimitationStated, command),)
