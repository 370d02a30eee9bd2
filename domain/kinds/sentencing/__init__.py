"""Sentencing: a conviction, the sentence, the dates that follow from it, and the serving of it to its end.

Under the penal law and the law on the execution of sentences of the country whose profile the case is under; the
neutral rule for terms and the appeal window are those of default-neutral@1, protective engineering defaults. The dates
are computed and checked by people: no decision about a person is automatic, and no guard ever keeps anybody from being
released. What a source leaves open (the court, the day, the law) is recorded as unknown, and dates that hang on it are
not computed but routed to manual work. After a quashed conviction nothing is executed and only duties remain.
"""

from types import MappingProxyType

from domain.kernel import Kind, Nothing, Table
from domain.kinds.sentencing import (
    acts,
    computation_acts,
    computation_rules,
    dates_rules,
    execution_acts,
    execution_rules,
    rules,
)
from domain.kinds.sentencing.evolve import evolve
from domain.kinds.sentencing.stages import (
    ANY,
    APPEALED,
    CHECKABLE,
    COMPLETABLE,
    ENDABLE,
    EXECUTABLE,
    HOLDABLE,
    LIVE,
    NOT_FINAL,
    OVER,
    QUASHABLE,
    RESTRICTABLE,
    Convicted,
    UnderAppeal,
)

TABLE: Table = MappingProxyType(
    {
        (Nothing, acts.RecordConviction): rules.record_conviction,
        (Convicted, acts.ImposeSentence): rules.impose_sentence,
        (LIVE, computation_acts.DeriveCredit): dates_rules.derive_credit,
        (LIVE, computation_acts.ComputeDates): dates_rules.compute_dates,
        (LIVE, computation_acts.RecordComputation): computation_rules.record_computation,
        (LIVE, computation_acts.RouteComputationToManual): computation_rules.route_computation_to_manual,
        (LIVE, computation_acts.OverrideComputation): computation_rules.override_computation,
        (CHECKABLE, computation_acts.CheckComputation): computation_rules.check_computation,
        (LIVE, computation_acts.DisputeCredit): computation_rules.dispute_credit,
        (LIVE, computation_acts.DetermineCredit): computation_rules.determine_credit,
        (APPEALED, acts.LodgeAppeal): rules.lodge_appeal,
        (UnderAppeal, acts.StaySentence): rules.stay_sentence,
        (UnderAppeal, acts.RecordAppealDecision): rules.record_appeal_decision,
        (NOT_FINAL, acts.RecordFinality): rules.record_finality,
        (EXECUTABLE, execution_acts.StartExecution): execution_rules.start_execution,
        (HOLDABLE, execution_acts.TransferCustody): execution_rules.transfer_custody,
        (HOLDABLE, execution_acts.RecordReturnUnderSentence): execution_rules.record_return_under_sentence,
        (LIVE, execution_acts.GrantRemission): execution_rules.grant_remission,
        (LIVE, execution_acts.ForfeitRemission): execution_rules.forfeit_remission,
        (LIVE, execution_acts.DecideEarlyRelease): execution_rules.decide_early_release,
        (LIVE, execution_acts.CommuteSentence): execution_rules.commute_sentence,
        (LIVE, execution_acts.GrantPardon): execution_rules.grant_pardon,
        (ENDABLE, execution_acts.RecordRelease): execution_rules.record_release,
        (ENDABLE, execution_acts.RecordDeathUnderSentence): execution_rules.record_death_under_sentence,
        (ENDABLE, execution_acts.RecordEscapeUnderSentence): execution_rules.record_escape_under_sentence,
        (COMPLETABLE, execution_acts.CompleteSentence): execution_rules.complete_sentence,
        (QUASHABLE, acts.QuashConviction): rules.quash_conviction,
        (APPEALED, execution_acts.RecordOrderMet): execution_rules.record_order_met,
        (ANY, acts.SetRestrictionDate): rules.set_restriction_date,
        (RESTRICTABLE, acts.RestrictRecord): rules.restrict_record,
        (OVER, acts.CloseSentencing): rules.close_sentencing,
    }
)

KIND = Kind(
    name="sentencing",
    route="sentencings",
    law="Penal law and the law on the execution of sentences; neutral terms and appeal window of default-neutral@1.",
    events=(
        acts.ConvictionRecorded,
        acts.SentenceImposed,
        acts.OrderDueStated,
        computation_acts.CreditDerived,
        computation_acts.ReleaseDatesComputed,
        computation_acts.ComputationRecorded,
        computation_acts.ComputationRoutedToManual,
        computation_acts.ComputationOverridden,
        computation_acts.OverrideReasonCoded,
        computation_acts.ComputationBecameDue,
        computation_acts.ComputationChecked,
        computation_acts.ReleaseScheduled,
        computation_acts.CreditDisputed,
        computation_acts.CreditDetermined,
        acts.AppealLodged,
        acts.SentenceStayed,
        acts.AppealDecided,
        acts.SentenceBecameFinal,
        execution_acts.ExecutionStarted,
        execution_acts.CustodyTransferred,
        execution_acts.SentencedPersonReturned,
        execution_acts.RemissionGranted,
        execution_acts.RemissionForfeited,
        execution_acts.EarlyReleaseDecided,
        execution_acts.SentenceCommuted,
        execution_acts.PardonGranted,
        execution_acts.ReleaseBecameDue,
        execution_acts.SentencedPersonReleased,
        execution_acts.SentencedPersonDied,
        execution_acts.SentencedPersonEscaped,
        execution_acts.SentenceCompleted,
        execution_acts.OrderMet,
        acts.ConvictionQuashed,
        acts.RestrictionDateSet,
        acts.RecordRestricted,
        acts.SentencingClosed,
    ),
    table=TABLE,
    evolve=evolve,
    ends_custody=(
        execution_acts.SentencedPersonReleased,
        execution_acts.SentencedPersonDied,
        execution_acts.SentencedPersonEscaped,
    ),
    on_the_head=frozenset(
        {
            execution_acts.RecordRelease,
            execution_acts.RecordDeathUnderSentence,
            execution_acts.RecordEscapeUnderSentence,
        }
    ),
)
