"""What every case has: corrections, obligations, alarms, addenda, disagreement, links, assignment, handling, descriptions.

The kernel folds this state beside the kind's own stage, from the same events. Its rules are open in every stage of
every kind unless a kind closes one.
"""

from types import MappingProxyType

from domain.dossier import acts, correction_acts, correction_rules, duty_acts, duty_rules
from domain.dossier import rules as rules
from domain.dossier.state import Dossier as Dossier
from domain.dossier.state import evolve
from domain.kernel import EntryCorrected, EntryRetracted, Event, Shared

EVENTS: tuple[type[Event], ...] = (
    EntryCorrected,
    EntryRetracted,
    acts.AddendumAdded,
    acts.DisagreementRecorded,
    acts.PersonDescribed,
    acts.LinkProposed,
    acts.LinkConfirmed,
    acts.LinkRejected,
    acts.LinkEnded,
    acts.OfficerAssigned,
    acts.UnitChanged,
    acts.HandlingChanged,
    acts.FileNumberChanged,
    acts.ProfileChanged,
    acts.LinkAnswered,
    correction_acts.CorrectionProposed,
    correction_acts.RetractionProposed,
    correction_acts.CorrectionApproved,
    correction_acts.CorrectionRejected,
    duty_acts.ObligationOpened,
    duty_acts.ObligationAcknowledged,
    duty_acts.ObligationDischarged,
    duty_acts.ObligationWaived,
    duty_acts.DeadlineWarned,
    duty_acts.DeadlineMissed,
    duty_acts.DutyOverdue,
    duty_acts.LimitReached,
)

SHARED = Shared(
    rules=MappingProxyType(
        {
            acts.CorrectEntry: correction_rules.correct_entry,
            acts.RetractEntry: correction_rules.retract_entry,
            correction_acts.ProposeCorrection: correction_rules.propose_correction,
            correction_acts.ProposeRetraction: correction_rules.propose_retraction,
            correction_acts.ApproveCorrection: correction_rules.approve_correction,
            correction_acts.RejectCorrection: correction_rules.reject_correction,
            acts.AddAddendum: rules.add_addendum,
            acts.RecordDisagreement: rules.record_disagreement,
            acts.DescribePerson: rules.describe_person,
            acts.ProposeLink: rules.propose_link,
            acts.ConfirmLink: rules.confirm_link,
            acts.RejectLink: rules.reject_link,
            acts.EndLink: rules.end_link,
            acts.AssignOfficer: rules.assign_officer,
            acts.MoveToUnit: rules.move_to_unit,
            acts.ChangeHandling: rules.change_handling,
            acts.ChangeFileNumber: rules.change_file_number,
            acts.MoveToProfile: rules.move_to_profile,
            acts.RecordLinkAnswer: rules.record_link_answer,
            duty_acts.OpenObligation: duty_rules.open_obligation,
            duty_acts.AcknowledgeObligation: duty_rules.acknowledge_obligation,
            duty_acts.DischargeObligation: duty_rules.discharge_obligation,
            duty_acts.WaiveObligation: duty_rules.waive_obligation,
            duty_acts.WarnOfDeadline: duty_rules.warn_of_deadline,
            duty_acts.RecordMissedDeadline: duty_rules.record_missed_deadline,
            duty_acts.RecordOverdueDuty: duty_rules.record_overdue_duty,
            duty_acts.RecordReachedLimit: duty_rules.record_reached_limit,
        }
    ),
    evolve=evolve,
    empty=Dossier(),
    opened=rules.opened,
)
