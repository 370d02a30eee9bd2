"""What is found out about one line: measured, divided, sampled, missing or found, and how it is classified."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from domain.kernel import By, officers, supervisors
from domain.kinds.seizure.acts import LineCommand, LineEvent
from domain.values import CaseId, Code, CountLimit, Label, Material, Narrative, Number, PartyId, Quantity, When

# --- Words -----------------------------------------------------------------------------------------------------


class Concern(StrEnum):
    """What a discrepancy is about."""

    SEAL = "seal"
    COUNT = "count"
    WEIGHT = "weight"
    PLACE = "place"


class DiscrepancyCause(StrEnum):
    """What explains a discrepancy."""

    COUNTING_ERROR = "counting_error"
    SCALE = "scale"
    PACKAGING = "packaging"
    MOISTURE = "moisture"
    MISREAD_NUMBER = "misread_number"
    MISPLACED = "misplaced"
    DAMAGE = "damage"
    LOSS = "loss"
    TAMPERING = "tampering"
    OTHER = "other"


class SamplePurpose(StrEnum):
    """What a sample is taken for."""

    LABORATORY = "laboratory"
    BALLISTIC_TEST = "ballistic_test"
    COURT = "court"
    OTHER = "other"


class Scheme(StrEnum):
    """A list by which goods are classified."""

    WASSENAAR_ML = "wassenaar_ml"
    EU_DUAL_USE = "eu_dual_use"
    NATIONAL_LIST = "national_list"
    HS = "hs"


class Effect(StrEnum):
    """Whether a classification makes goods controlled."""

    CONTROLLED = "controlled"
    NOT_CONTROLLED = "not_controlled"


class Confidence(StrEnum):
    """How sure the one who classifies is."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Part:
    """A part a line is divided into: its own line number and how much of it."""

    line: Number
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Classification:
    """Where goods stand in one version of one list, and what follows from it."""

    material: ClassVar[Material] = Material.CLASSIFICATION

    scheme: Scheme
    entry: Code
    list_version: Label
    effect: Effect
    confidence: Confidence


# --- Commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureItem(LineCommand):
    """Record that a line was weighed or counted; what differs is a discrepancy.

    A sealed line is weighed as it lies; it is not opened to be counted.
    """

    by: ClassVar[By] = officers()

    weight: Quantity | None = None
    scale: Code | None = None
    count: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainDiscrepancy(LineCommand):
    """Record what explains a discrepancy, by an officer not involved in it."""

    by: ClassVar[By] = officers()

    concern: Concern
    cause: DiscrepancyCause
    explanation: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitItem(LineCommand):
    """Record that a line was divided into parts that add up to it."""

    by: ClassVar[By] = officers("exhibits")

    parts: Annotated[tuple[Part, ...], CountLimit(100, least=2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSample(LineCommand):
    """Record a sample taken of a line: consumed, or kept as a line of its own.

    ``sample`` is the kept sample's line number, null where the sample was consumed.
    """

    by: ClassVar[By] = officers()

    quantity: Quantity
    purpose: SamplePurpose
    sample: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItemMissing(LineCommand):
    """Report that a line is not where it should be; its custodian answers for it."""

    by: ClassVar[By] = officers()

    last_seen: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordItemFound(LineCommand):
    """Record that a missing line was found, where, with which seal and who has it now."""

    by: ClassVar[By] = officers()

    place: Label
    custodian: Code
    seal: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffLoss(LineCommand):
    """Record that a missing line is given up as lost, on what authority and why."""

    by: ClassVar[By] = supervisors("disposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyItem(LineCommand):
    """Record how a line is classified in a list, and on what basis."""

    by: ClassVar[By] = officers("classification")

    classification: Classification
    basis: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestClassification(LineCommand):
    """Record that somebody contests how a line is classified, and why."""

    by: ClassVar[By] = officers()

    scheme: Scheme
    grounds: Narrative
    party: PartyId | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """Who contests it."""
        return () if self.party is None else (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseClassification(LineCommand):
    """Record that a line's classification was replaced by another, and on what basis."""

    by: ClassVar[By] = officers("classification")

    now: Classification
    basis: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class UpholdClassification(LineCommand):
    """Record that a contested classification of a line stands, and on what basis."""

    by: ClassVar[By] = officers("classification")

    scheme: Scheme
    basis: Narrative


# --- Events ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMeasured(LineEvent):
    """A line was weighed or counted."""

    type: ClassVar[str] = "seizure.item_measured"

    weight: Quantity | None
    scale: Code | None
    count: Quantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyFound(LineEvent):
    """What was found differs from the record. Seals and places are in words, weights and counts as quantities."""

    type: ClassVar[str] = "seizure.discrepancy_found"

    concern: Concern
    expected: Label | None
    actual: Label | None
    expected_quantity: Quantity | None
    actual_quantity: Quantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyExplained(LineEvent):
    """A discrepancy was explained. The quantity of the line is as before."""

    type: ClassVar[str] = "seizure.discrepancy_explained"

    concern: Concern
    cause: DiscrepancyCause
    explanation: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSplit(LineEvent):
    """A line was divided into parts that add up to it."""

    type: ClassVar[str] = "seizure.item_split"

    parts: Annotated[tuple[Part, ...], CountLimit(100, least=2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTaken(LineEvent):
    """A sample was taken of a line: kept as the line ``sample``, or consumed where that is null."""

    type: ClassVar[str] = "seizure.sample_taken"

    quantity: Quantity
    purpose: SamplePurpose
    sample: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMissing(LineEvent):
    """A line is not where it should be."""

    type: ClassVar[str] = "seizure.item_missing"

    last_seen: When | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFound(LineEvent):
    """A missing line was found."""

    type: ClassVar[str] = "seizure.item_found"

    place: Label
    custodian: Code
    seal: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossWrittenOff(LineEvent):
    """A missing line was given up as lost."""

    type: ClassVar[str] = "seizure.loss_written_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClassified(LineEvent):
    """A line was classified in a list."""

    type: ClassVar[str] = "seizure.item_classified"

    classification: Classification
    basis: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationContested(LineEvent):
    """A line's classification is contested."""

    type: ClassVar[str] = "seizure.classification_contested"

    scheme: Scheme
    grounds: Narrative
    party: PartyId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationRevised(LineEvent):
    """A line's classification was replaced by another; its description and quantity are as before."""

    type: ClassVar[str] = "seizure.classification_revised"

    was: Classification
    now: Classification
    basis: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationUpheld(LineEvent):
    """A contested classification of a line stands."""

    type: ClassVar[str] = "seizure.classification_upheld"

    scheme: Scheme
    basis: Narrative
