"""Corrections with two persons: proposed by one, approved or rejected by another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.dossier.acts import RECORD_KEEPERS
from domain.kernel import By, Command, Event, Restating
from domain.values import Code, CorrectionReason, Whole

# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCorrection(Command):
    """Propose that an earlier entry be corrected; somebody else approves it.

    ``target`` is the entry's version, ``changes`` its fields with their new values, of the entry's own types.
    """

    by: ClassVar[By] = RECORD_KEEPERS

    target: Whole
    why: CorrectionReason
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRetraction(Command):
    """Propose that an earlier entry be retracted; somebody else approves it."""

    by: ClassVar[By] = RECORD_KEEPERS

    target: Whole
    why: CorrectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCorrection(Command):
    """Approve what another officer proposed for an entry: it is corrected or retracted."""

    by: ClassVar[By] = RECORD_KEEPERS

    target: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCorrection(Command):
    """Reject what another officer proposed for an entry, which stands as it is."""

    by: ClassVar[By] = RECORD_KEEPERS

    target: Whole


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionProposed(Restating):
    """Somebody, ``decided_by``, proposed to restate an entry as ``restated``; ``proposed_by`` recorded the proposal."""

    type: ClassVar[str] = "case.correction_proposed"

    proposed_by: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractionProposed(Event):
    """Somebody, ``decided_by``, proposed to retract an entry; ``proposed_by`` recorded the proposal."""

    type: ClassVar[str] = "case.retraction_proposed"

    target: Whole
    why: CorrectionReason
    proposed_by: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionApproved(Event):
    """Another officer approved what was proposed for an entry; the correction or retraction itself follows."""

    type: ClassVar[str] = "case.correction_approved"

    target: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRejected(Event):
    """Another officer rejected what was proposed for an entry."""

    type: ClassVar[str] = "case.correction_rejected"

    target: Whole
