"""Guards and refusals that several themes of an investigation share."""

from collections.abc import Container, Iterable
from datetime import datetime
from functools import wraps
from types import MappingProxyType

from domain.kernel import Context, Events, Refusal, Refused, Rule, Statement, Table, require, require_another
from domain.kinds.investigation.stages import Begun, Material, Matter, Subject
from domain.values import Answer, ClaimStatus, PartyId

DESIGN = "casetrail design, domain rules"

REFERENCE_TAKEN = Refusal(
    "investigation-reference-taken",
    "A reference is given once in a case; material shares one set of references.",
    DESIGN,
)
OFFICER_RECUSED = Refusal("officer-recused", "An officer recused from this case decides and records nothing in it.", DESIGN)
SUBJECT_UNKNOWN = Refusal("subject-unknown", "This person is not a subject of the investigation.", DESIGN)
MATERIAL_UNKNOWN = Refusal("material-unknown", "No material with that reference stands in this case.", DESIGN)
EVIDENCE_REFUTED = Refusal("evidence-refuted", "What is refuted is no evidence.", DESIGN)
EXPERT_CONFLICTED = Refusal(
    "expert-conflicted", "An expert gives an opinion only after stating to have no conflict of interest.", DESIGN
)
REVIEW_DATE_PAST = Refusal("review-date-past", "The next review lies after the act that fixes it.", DESIGN)


def unless_recused(rule: Rule) -> Rule:
    """The rule of an opened case, asked only for a command that no recused officer decides or records."""

    @wraps(rule)
    def guarded(stage: Begun, command: Statement, context: Context) -> Events:
        require_another(command, context, OFFICER_RECUSED, *stage.matter.recused)
        return rule(stage, command, context)

    return guarded


def by_the_unrecused(table: Table) -> Table:
    """The table of an opened case with that guard before each of its rules."""
    return MappingProxyType({key: unless_recused(rule) for key, rule in table.items()})


def require_new(reference: str, taken: Container[str]) -> None:
    """Refuse a reference that was given before, withdrawn ones included."""
    require(reference not in taken, REFERENCE_TAKEN)


def require_subject(matter: Matter, party: PartyId) -> Subject:
    """The subject of that id who is not eliminated, or a refusal."""
    subject = matter.subjects.get(party)
    if subject is None or subject.eliminated:
        raise Refused(SUBJECT_UNKNOWN)
    return subject


def require_material(matter: Matter, reference: str) -> Material:
    """The material under a reference, or a refusal."""
    material = matter.material.get(reference)
    if material is None:
        raise Refused(MATERIAL_UNKNOWN)
    return material


def require_evidence(matter: Matter, references: Iterable[str]) -> None:
    """Refuse evidence that is not in the case or is refuted."""
    for reference in references:
        require(require_material(matter, reference).status is not ClaimStatus.REFUTED, EVIDENCE_REFUTED)


def require_no_conflict(answer: Answer, refusal: Refusal) -> None:
    """Refuse unless the person stated to have no conflict of interest; unknown is not no."""
    require(answer is Answer.NO, refusal)


def require_review_after(command: Statement, context: Context, moment: datetime) -> None:
    """Refuse a next review that does not lie after the act; an open end of the act counts as now."""
    require(moment > (command.when.latest or context.now), REVIEW_DATE_PAST)
