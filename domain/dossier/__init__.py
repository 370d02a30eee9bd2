"""What every case has: corrections, addenda, disagreement, links, assignment, unit, handling, file number, descriptions.

The kernel folds this state beside the kind's own stage, from the same events. Its rules are open in every stage of
every kind unless a kind closes one.
"""

from types import MappingProxyType

from domain.dossier import acts
from domain.dossier import rules as rules
from domain.dossier.rules import Dossier as Dossier
from domain.dossier.rules import evolve
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
)

SHARED = Shared(
    rules=MappingProxyType(
        {
            acts.CorrectEntry: rules.correct_entry,
            acts.RetractEntry: rules.retract_entry,
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
        }
    ),
    evolve=evolve,
    empty=Dossier(),
)
