"""What each event changes. No guard stands here: what was once recorded always loads.

Where the person is to be released, acts that would have prolonged the hold change nothing any more. So an order,
a review or a declaration for release can be recorded late, before them.
"""

from domain.changing import changed
from domain.kernel import Event, Nothing, Stage, impossible
from domain.kinds.detention import acts, care_acts, custody_acts, lawfulness_acts, rights_acts
from domain.kinds.detention.acts import JudicialOutcome, ReviewOutcome
from domain.kinds.detention.stages import (
    Apprehended,
    AuthorizationRefused,
    Authorized,
    Closed,
    Concerned,
    Consular,
    Counsel,
    Custody,
    Died,
    Ended,
    Escaped,
    Held,
    Hold,
    JudiciallyHeld,
    Kept,
    Lawfulness,
    OnMeasure,
    Past,
    Property,
    Released,
    ReleaseOrdered,
    Spell,
    Standing,
    TransferOffer,
    Transferred,
    Unended,
)
from domain.values import Answer


def evolve(stage: Stage, event: Event) -> Stage:
    """The stage after one more event."""
    if isinstance(stage, Nothing):
        return begun(stage, event)
    match event:
        case custody_acts.RemedyRecorded():
            return stage
        case custody_acts.HoldDeclaredUnlawful():
            return declared_unlawful(stood(stage, event), event)
        case (
            custody_acts.HoldChallenged()
            | lawfulness_acts.HoldChallengeDismissed()
            | lawfulness_acts.HoldChallengeWithdrawn()
            | lawfulness_acts.ComplaintLodged()
            | lawfulness_acts.ComplaintAnswered()
            | rights_acts.ConsularMessageForwarded()
        ):
            return stood(stage, event)
        case _:
            return accounted(stage, held_or_not(stage, event), event)


def held_or_not(stage: Stage, event: Event) -> Stage:
    """The stage after an act on a person who is in custody, at large, on a measure, or out of it."""
    if isinstance(stage, Escaped):
        return at_large(stage, event)
    if isinstance(stage, Ended):
        return after_the_end(stage, event)
    if not isinstance(stage, Concerned):
        impossible(stage, event)
    ended = end_of_custody(stage, event)
    if ended is not None:
        return ended
    return on_measure(stage, event) if isinstance(stage, OnMeasure) else in_custody(stage, event)


def begun(stage: Nothing, event: Event) -> Stage:
    """Every detention begins with an apprehension."""
    if not isinstance(event, acts.PersonApprehended):
        impossible(stage, event)
    return Apprehended(Hold(event.party, event.when, event.officers, spells=(Spell(event.when),)))


# --- What outlives the hold -----------------------------------------------------------------------------------


def stood(stage: Stage, event: Event) -> Stage:
    """The stage after what changes nothing but what stands open about the hold."""
    match stage:
        case Escaped(interrupted=interrupted):
            return Escaped(changed(interrupted, hold=changed(interrupted.hold, standing=opened(stage, stage.standing, event))))
        case Kept(hold=hold):
            return changed(stage, hold=changed(hold, standing=opened(stage, hold.standing, event)))
        case Past() | Closed():
            return changed(stage, standing=opened(stage, stage.standing, event))
        case _:
            impossible(stage, event)


def opened(stage: Stage, standing: Standing, event: Event) -> Standing:
    """What stands open after a challenge, a complaint, a message, or the answer to one."""
    match event:
        case custody_acts.HoldChallenged(before=body):
            return challenged(changed(standing, challenged_before=(*standing.challenged_before, body)))
        case lawfulness_acts.HoldChallengeDismissed(before=body) | lawfulness_acts.HoldChallengeWithdrawn(before=body) if (
            body in standing.challenged_before
        ):
            return challenged(changed(standing, challenged_before=without(standing.challenged_before, body)))
        case custody_acts.HoldDeclaredUnlawful(body=body):
            left = tuple(each for each in standing.challenged_before if each != body)
            return changed(standing, challenged_before=left, lawfulness=Lawfulness.DECLARED_UNLAWFUL)
        case lawfulness_acts.ComplaintLodged(complaint=number):
            return changed(standing, complaints=(*standing.complaints, number), incident=True)
        case lawfulness_acts.ComplaintAnswered(complaint=number) if number in standing.complaints:
            return changed(standing, complaints=without(standing.complaints, number))
        case rights_acts.ConsularMessageForwarded(message=number) if number in standing.messages:
            return changed(standing, messages=without(standing.messages, number))
        case _:
            impossible(stage, event)


def without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The names but one: where two are alike, the first of them goes."""
    place = names.index(name)
    return (*names[:place], *names[place + 1 :])


def challenged(standing: Standing) -> Standing:
    """The same with what it says of lawfulness; a declaration stays."""
    if standing.lawfulness is Lawfulness.DECLARED_UNLAWFUL:
        return standing
    open_one = bool(standing.challenged_before)
    return changed(standing, lawfulness=Lawfulness.CHALLENGED if open_one else Lawfulness.UNCHALLENGED)


# --- Time in custody ------------------------------------------------------------------------------------------


def accounted(before: Stage, after: Stage, event: Event) -> Stage:
    """The stage after, with the time in custody that the event ended or began."""
    held = isinstance(before, Held)
    if after is before or (held and isinstance(after, Held)) or not isinstance(before, Unended | Ended):
        return after
    custody = before.custody
    if custody is None:
        return after
    spells = custody.spells
    if held:
        spells = (*spells[:-1], changed(spells[-1], ended=event.when)) if spells else ()
    elif isinstance(after, Held):
        spells = (*spells, Spell(event.when))
    return told(after, Custody(custody.party, spells))


def told(stage: Stage, custody: Custody) -> Stage:
    """The same stage with that time in custody."""
    match stage:
        case Escaped(interrupted=interrupted):
            return Escaped(changed(interrupted, hold=changed(interrupted.hold, spells=custody.spells)))
        case Kept(hold=hold):
            return changed(stage, hold=changed(hold, spells=custody.spells))
        case Past() | Closed():
            return changed(stage, custody=custody)
        case _:
            return stage


# --- In custody -----------------------------------------------------------------------------------------------


def in_custody(stage: Held, event: Event) -> Stage:
    """A person in custody: what changes the hold, else what moves it on."""
    hold = owed(stage.hold, event) or noted(stage.hold, event)
    if hold is None:
        return moved_on(stage, event)
    return stage if hold is stage.hold else changed(stage, hold=hold)


def owed(hold: Hold, event: Event) -> Hold | None:
    """The hold after a step that is owed to the person; None if the event is no such step."""
    match event:
        case rights_acts.NoInterpreterRequired():
            return changed(hold, interpreter_settled=True)
        case rights_acts.RightsExplained():
            return changed(hold, rights_explained=True)
        case rights_acts.CounselOffered():
            offered = Counsel.OFFERED if hold.counsel is Counsel.NOT_OFFERED else hold.counsel
            return changed(hold, counsel=offered)
        case rights_acts.CounselRequested():
            return changed(hold, counsel=Counsel.REQUESTED)
        case rights_acts.CounselWaived():
            return changed(hold, counsel=Counsel.WAIVED)
        case rights_acts.CounselAttended():
            return changed(hold, counsel=Counsel.ATTENDED)
        case rights_acts.CounselAccessDelayed(until=until):
            return changed(hold, counsel=Counsel.DELAYED, counsel_delayed_until=until)
        case rights_acts.ConsularRightExplained():
            known = Consular.EXPLAINED if hold.consular is Consular.NOT_EXPLAINED else hold.consular
            return changed(hold, consular=known)
        case rights_acts.ConsularNotificationRequested():
            return changed(hold, consular=Consular.REQUESTED)
        case rights_acts.ConsularNotificationDeclined():
            return changed(hold, consular=Consular.DECLINED)
        case (
            rights_acts.ConsularPostNotified()
            | rights_acts.ConsularVisitRecorded()
            | care_acts.ThirdPersonTold()
            | care_acts.ThirdPersonNoticeDeclined()
            | care_acts.MedicalCheckRequested()
            | care_acts.MedicalCheckRecorded()
            | care_acts.VulnerabilityAssessed()
            | care_acts.SupportPersonAttended()
            | care_acts.CustodyRecordCompleted()
        ):
            return hold
        case care_acts.VisibleInjuryNoted():
            return changed(hold, standing=changed(hold.standing, incident=True))
        case rights_acts.ConsularMessageTaken(message=number):
            return changed(hold, standing=changed(hold.standing, messages=(*hold.standing.messages, number)))
        case _:
            return None


def noted(hold: Hold, event: Event) -> Hold | None:
    """The hold after an act that leaves its authority as it is; None if the event is no such act."""
    match event:
        case acts.ArrivedInCustody(facility=facility) | custody_acts.CustodyLocationChanged(facility=facility):
            return changed(hold, facility=facility)
        case acts.ClockPaused():
            return changed(hold, clock_paused=True)
        case acts.ClockResumed():
            return changed(hold, clock_paused=False)
        case care_acts.PersonalPropertyListed():
            return changed(hold, property=Property.KEPT)
        case care_acts.NoPropertyFound():
            return changed(hold, property=Property.NONE_FOUND)
        case care_acts.PersonalPropertyHandedOver():
            return changed(hold, property=Property.HANDED_OVER)
        case care_acts.InterviewRecorded(officers=officers):
            return changed(hold, involved=tuple(dict.fromkeys((*hold.involved, *officers))))
        case acts.CourtAppearanceRecorded():
            return hold
        case custody_acts.DetaineeTransferOffered(agency=agency, decided_by=by):
            return changed(hold, offer=TransferOffer(agency, by))
        case custody_acts.DetaineeTransferDeclined() | custody_acts.DetaineeTransferWithdrawn() if hold.offer is not None:
            return changed(hold, offer=None)
        case _:
            return None


def moved_on(stage: Held, event: Event) -> Stage:
    """The stage after an act on the authority to hold."""
    match stage, event:
        case _, acts.JudicialDecisionRecorded():
            return after_court(stage, event)
        case _, acts.MeasureImposed(until=until):
            return OnMeasure(stage.hold, until)
        case _, custody_acts.DetaineeTransferAccepted() if stage.hold.offer is not None:
            return Transferred(stage.hold.property, standing=stage.standing)
        case Apprehended(), acts.DetentionAuthorized(until=until, decided_by=by):
            return Authorized(changed(stage.hold, authorized_by=by), until)
        case Apprehended(), acts.DetentionRefused():
            return AuthorizationRefused(stage.hold)
        case Authorized(), acts.DetentionExtended(until=until):
            return changed(stage, until=until)
        case Authorized() | JudiciallyHeld(), acts.DetentionReviewed(outcome=outcome):
            return ReleaseOrdered(stage.hold) if outcome is ReviewOutcome.RELEASE else stage
        case Authorized() | JudiciallyHeld(), acts.ReviewPostponed():
            return stage
        case (
            AuthorizationRefused() | ReleaseOrdered(),
            acts.DetentionAuthorized()
            | acts.DetentionRefused()
            | acts.DetentionExtended()
            | acts.DetentionReviewed()
            | acts.ReviewPostponed(),
        ):
            return stage
        case _:
            impossible(stage, event)


def after_court(stage: Concerned, event: acts.JudicialDecisionRecorded) -> Stage:
    """What a court's decision makes of a hold or a measure."""
    hold, until = stage.hold, event.until
    match event.outcome:
        case JudicialOutcome.MEASURE:
            return OnMeasure(hold, until)
        case JudicialOutcome.RELEASE:
            return changed(stage, lifted=True) if isinstance(stage, OnMeasure) else ReleaseOrdered(hold)
        case JudicialOutcome.HOLD if until is not None:
            return JudiciallyHeld(changed(hold, remanded=hold.remanded or event.when.earliest), until)
        case _:
            impossible(stage, event)


def declared_unlawful(stage: Stage, event: custody_acts.HoldDeclaredUnlawful) -> Stage:
    """A hold that is unlawful still is to end; one that only was unlawful goes on."""
    if event.ended is not None:
        return stage
    if isinstance(stage, Escaped):
        before = stage.interrupted
        return Escaped(ReleaseOrdered(before.hold)) if isinstance(before, Held) else stage
    return ReleaseOrdered(stage.hold) if isinstance(stage, Held) else stage


# --- Out of custody -------------------------------------------------------------------------------------------


def on_measure(stage: OnMeasure, event: Event) -> Stage:
    """A person on a measure."""
    match event:
        case acts.JudicialDecisionRecorded():
            return after_court(stage, event)
        case acts.MeasureVaried(until=until):
            return changed(stage, until=until)
        case acts.MeasureBreachAlleged() | acts.CourtAppearanceRecorded():
            return stage
        case care_acts.PersonalPropertyHandedOver():
            return changed(stage, hold=changed(stage.hold, property=Property.HANDED_OVER))
        case _:
            impossible(stage, event)


def end_of_custody(stage: Concerned, event: Event) -> Stage | None:
    """The stage after a release, an escape or a death; None if the event is none of them."""
    kept, standing = stage.hold.property, stage.standing
    match event:
        case custody_acts.PersonReleased(property_returned=returned):
            return Released(Property.HANDED_OVER if returned is Answer.YES else kept, standing=standing)
        case custody_acts.PersonEscaped():
            return Escaped(stage)
        case custody_acts.PersonDied():
            return Died(kept, standing=standing)
        case _:
            return None


def at_large(stage: Escaped, event: Event) -> Stage:
    """A person who escaped: back, or never again."""
    before = stage.interrupted
    match event:
        case custody_acts.PersonReturned(facility=facility):
            return changed(before, hold=changed(before.hold, facility=facility or before.hold.facility))
        case custody_acts.PersonReleased() | custody_acts.PersonDied():
            at_fault = changed(before, hold=changed(before.hold, standing=changed(before.standing, incident=True)))
            ended = end_of_custody(at_fault, event)
            return stage if ended is None else ended
        case _:
            impossible(stage, event)


def after_the_end(stage: Ended, event: Event) -> Stage:
    """A person whose custody has ended: belongings may still leave, then the case closes."""
    match event:
        case care_acts.PersonalPropertyHandedOver():
            return changed(stage, property=Property.HANDED_OVER)
        case custody_acts.DeathReported() if isinstance(stage, Died):
            return stage
        case custody_acts.DetentionClosed():
            return Closed(standing=stage.standing)
        case _:
            impossible(stage, event)
