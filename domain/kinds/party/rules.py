"""The rules of the party register and its evolve.

A merge takes two persons, an answered question and entries of one type. It is one step deep: what was merged is neither
merged again nor merged into, and what others were merged into is not merged itself.
"""

from dataclasses import replace
from types import MappingProxyType

from domain.dossier.rules import require_party
from domain.kernel import (
    Context,
    Event,
    Events,
    Nothing,
    Refusal,
    Refused,
    Stage,
    impossible,
    record,
    require,
    require_another,
    require_reason,
)
from domain.kinds.party.acts import (
    MergeParties,
    NotePossibleSameParty,
    PartiesMerged,
    PartiesUnmerged,
    PartyRegistered,
    PossibleSamePartyNoted,
    PossibleSamePartyResolved,
    RegisterParty,
    ResolvePossibleSameParty,
    UnmergeParties,
)
from domain.parties import PARTY_MERGED, Merged, Registered, SamePartyOutcome, SamePartyQuestion
from domain.values import PartyId

# --- Refusals -------------------------------------------------------------------------------------------------

DESIGN = "casetrail design, domain rules; cf. Directive (EU) 2016/680, art. 4(1)(d)"

PARTY_WITH_ITSELF = Refusal("party-with-itself", "Whether two entries are one party is asked of two different entries.", DESIGN)
PARTIES_UNLIKE = Refusal("parties-unlike", "A person is the same as a person only, an organization as an organization.", DESIGN)
SAME_PARTY_NOTED = Refusal("same-party-noted", "This question stands already on the record of one of the two parties.", DESIGN)
SAME_PARTY_NOT_NOTED = Refusal("same-party-not-noted", "Nobody noted on this record that the two may be one party.", DESIGN)
SAME_PARTY_RESOLVED = Refusal("same-party-resolved", "This question has that answer already.", DESIGN)
NOTER_ANSWERS = Refusal(
    "same-party-noter-answers", "Who noted that two entries may be one party does not answer whether they are.", DESIGN
)
MERGED_ARE_SAME = Refusal(
    "merged-are-same", "A party merged into this one is the same; the merge is undone before the answer changes.", DESIGN
)
MERGE_NOT_ANSWERED = Refusal(
    "merge-not-answered", "A party is merged into one on whose record the two were found to be the same.", DESIGN
)
NOTER_MERGES = Refusal("same-party-noter-merges", "Who noted that two entries may be one party does not merge them.", DESIGN)
REMAINS_FOR_OTHERS = Refusal(
    "party-remains-for-others",
    "A party on whose record others were found to be the same is not merged: those are un-merged and answered first.",
    DESIGN,
)

# --- Rules ----------------------------------------------------------------------------------------------------


def register(stage: Nothing, command: RegisterParty, context: Context) -> Events:
    """Anybody may be registered: being in the register says nothing about a person."""
    return (record(PartyRegistered, command, unit=context.actor.unit),)


def standing(other: PartyId, like: Registered, context: Context) -> Registered:
    """Another entry of the same type that stands for itself, or a refusal."""
    require(other != context.case_id, PARTY_WITH_ITSELF)
    require_party(other, context)
    stage = context.others[other].stage
    if not isinstance(stage, Registered):
        raise Refused(PARTY_MERGED)
    require(stage.party_type is like.party_type, PARTIES_UNLIKE)
    return stage


def stands(question: SamePartyQuestion | None) -> bool:
    """Whether a question was asked and not answered in the negative: after that it may be asked anew."""
    return question is not None and question.outcome is not SamePartyOutcome.DIFFERENT


def note_possible_same_party(stage: Registered, command: NotePossibleSameParty, context: Context) -> Events:
    """Write down a question, once for the two of them; both stay what they are."""
    other = standing(command.other_party, stage, context)
    asked = (stage.questions.get(command.other_party), other.questions.get(context.case_id))
    require(not any(map(stands, asked)), SAME_PARTY_NOTED)
    return (record(PossibleSamePartyNoted, command),)


def resolve_possible_same_party(stage: Registered | Merged, command: ResolvePossibleSameParty, context: Context) -> Events:
    """Write down an answer by another officer, which may be replaced by another answer while nothing rests on it."""
    require_reason(command)
    question = stage.questions.get(command.other_party)
    if question is None:
        raise Refused(SAME_PARTY_NOT_NOTED)
    require_another(command, context, NOTER_ANSWERS, question.asked_by)
    require(command.outcome is not question.outcome, SAME_PARTY_RESOLVED)
    other = context.others.get(command.other_party)
    merged = other is not None and isinstance(other.stage, Merged) and other.stage.into == context.case_id
    require(not merged or command.outcome is SamePartyOutcome.SAME, MERGED_ARE_SAME)
    return (record(PossibleSamePartyResolved, command),)


def merge_parties(stage: Registered, command: MergeParties, context: Context) -> Events:
    """Hold two entries to be one party, on an answer, and by somebody else than who asked."""
    require_reason(command)
    remaining = standing(command.into, stage, context)
    question = remaining.questions.get(context.case_id)
    if question is None or question.outcome is not SamePartyOutcome.SAME:
        raise Refused(MERGE_NOT_ANSWERED)
    require_another(command, context, NOTER_MERGES, question.asked_by)
    outcomes = {each.outcome for each in stage.questions.values()}
    require(SamePartyOutcome.SAME not in outcomes, REMAINS_FOR_OTHERS)
    return (record(PartiesMerged, command),)


def unmerge_parties(stage: Merged, command: UnmergeParties, context: Context) -> Events:
    """Undo a merge; what was recorded under either entry stands there as it stood."""
    require_reason(command)
    return (record(PartiesUnmerged, command, into=stage.into),)


# --- Evolve ---------------------------------------------------------------------------------------------------


def evolve(stage: Stage, event: Event) -> Stage:
    """The entry after one more event."""
    match stage, event:
        case Nothing(), PartyRegistered(party_type=party_type):
            return Registered(party_type)
        case Registered(), PossibleSamePartyNoted(other_party=other, decided_by=officer):
            return questioned(stage, other, SamePartyQuestion(officer))
        case Registered() | Merged(), PossibleSamePartyResolved(other_party=other, outcome=outcome):
            question = stage.questions.get(other)
            return (
                impossible(stage, event) if question is None else questioned(stage, other, replace(question, outcome=outcome))
            )
        case Registered(), PartiesMerged(into=into):
            return Merged(into, stage.party_type, stage.questions)
        case Merged(), PartiesUnmerged():
            return Registered(stage.party_type, stage.questions)
        case _:
            impossible(stage, event)


def questioned(stage: Registered | Merged, other: PartyId, question: SamePartyQuestion) -> Stage:
    """The entry with one question as it stands now."""
    return replace(stage, questions=MappingProxyType({**stage.questions, other: question}))
