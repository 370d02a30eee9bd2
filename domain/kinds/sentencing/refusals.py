"""What a sentencing refuses, and where each rule comes from."""

from domain.kernel import Refusal

DESIGN = "casetrail design, domain rules for sentencing"
NEUTRAL = "default-neutral@1, neutral computation of terms"
WINDOW = "default-neutral@1, appeal window"
SEPARATION = "casetrail design, safeguards: different people decide, do and check"

# --- Conviction and sentence ----------------------------------------------------------------------------------

COUNT_NUMBERS_REPEAT = Refusal("count-numbers-repeat", "Each count of a verdict has a number of its own.", DESIGN)
NO_CONVICTED_COUNT = Refusal("no-convicted-count", "A conviction has at least one count that was convicted.", DESIGN)
TERM_NUMBERS_REPEAT = Refusal("term-numbers-repeat", "Each term of a sentence has a number of its own.", DESIGN)
OUTCOME_NOT_CONVICTED = Refusal(
    "outcome-not-convicted", "Every term, order and absence of penalty points to a convicted count.", DESIGN
)
COUNT_WITHOUT_OUTCOME = Refusal("count-without-outcome", "Every convicted count has an outcome in the sentence.", DESIGN)
FOLLOWED_TERM_UNKNOWN = Refusal("followed-term-unknown", "A consecutive term follows a term of the sentence.", DESIGN)
TERM_CYCLE = Refusal("term-cycle", "Consecutive terms do not follow each other in a cycle.", DESIGN)

# --- Appeal and finality --------------------------------------------------------------------------------------

APPEAL_OUT_OF_TIME = Refusal(
    "appeal-out-of-time", "An appeal certainly after the appeal window needs leave as its authority.", WINDOW
)
APPELLANT_APPEALED = Refusal("appellant-appealed", "This side has already appealed.", DESIGN)
ALREADY_STAYED = Refusal("already-stayed", "The sentence is already stayed.", DESIGN)
APPEAL_STATES_SENTENCE = Refusal(
    "appeal-states-sentence", "Only a decision that varies the sentence states terms, orders or counts.", DESIGN
)
QUASHED_COUNTS = Refusal(
    "quashed-counts", "A varied sentence quashes counts that were convicted, and leaves at least one.", DESIGN
)
APPEAL_WINDOW_OPEN = Refusal("appeal-window-open", "The appeal window is not shown to be over.", WINDOW)
NOT_CHECKED = Refusal(
    "sentence-computation-unchecked",
    "A sentence with terms becomes final on a checked computation of its inputs.",
    DESIGN,
)

# --- Computation and credit -----------------------------------------------------------------------------------

EXTINGUISHED = Refusal("sentence-extinguished", "A full pardon ended the sentence.", DESIGN)
NOTHING_TO_COMPUTE = Refusal("nothing-to-compute", "A sentence without terms has no dates.", DESIGN)
NOT_COMPUTABLE = Refusal(
    "sentence-not-computable",
    "Life and suspended terms and dates beyond the calendar are not computed by rule; route them to manual.",
    NEUTRAL,
)
TIME_AT_LARGE = Refusal(
    "time-at-large",
    "Terms interrupted by an escape or a release are not computed by rule; route them to manual.",
    NEUTRAL,
)
START_NOT_STATED = Refusal("start-not-stated", "Without a stated start rule nothing is computed; route it to manual.", NEUTRAL)
START_IMPRECISE = Refusal(
    "start-imprecise", "From an act not known to the day nothing is computed; route it to manual.", NEUTRAL
)
START_DIFFERS = Refusal("start-differs", "The start is the day of the act the term runs from.", NEUTRAL)
START_TO_COME = Refusal(
    "start-to-come", "An expected first day is stated for terms whose act is still to come, and only for those.", NEUTRAL
)
CREDIT_NOT_DETENTION = Refusal("credit-not-detention", "Credit for days in custody cites a detention case.", DESIGN)
CREDIT_NAMED_TWICE = Refusal("credit-named-twice", "Each detention that gives credit is named once.", DESIGN)
CREDIT_NOT_LINKED = Refusal("credit-not-linked", "A detention gives credit once both cases say so in a confirmed link.", DESIGN)
CREDIT_LEFT_OUT = Refusal("credit-left-out", "No detention linked as giving credit is left out.", DESIGN)
CREDIT_OF_ANOTHER = Refusal(
    "credit-of-another", "Credit is derived from the custody of the convicted person; other credit is determined.", DESIGN
)
SERVED_NOT_SENTENCE = Refusal(
    "served-not-sentence", "Days served meanwhile are those of another sentencing of the convicted person.", DESIGN
)
CREDIT_IMPRECISE = Refusal(
    "credit-imprecise",
    "Credit is derived from times known to the day; other credit is determined by an authority.",
    NEUTRAL,
)
CREDIT_TOO_MUCH = Refusal(
    "credit-too-many-intervals", "Credit has at most 100 intervals; other credit is determined by an authority.", NEUTRAL
)
CREDIT_NOT_DERIVED = Refusal(
    "credit-not-derived", "Dates rest on credit that was derived, from no detention if there is none, or determined.", DESIGN
)
CREDIT_OUTDATED = Refusal(
    "credit-outdated", "Credit is derived anew once the first day of the sentence is known or has changed.", NEUTRAL
)
CREDIT_PROVISIONAL = Refusal(
    "credit-provisional", "With its first day known, no computation is confirmed on credit that may still grow.", DESIGN
)
CREDIT_DIFFERS = Refusal("credit-differs", "Credit is the days determined, else the intervals and days derived.", NEUTRAL)
EXPIRY_DIFFERS = Refusal("expiry-differs", "The stated expiry is not the one the neutral rule gives.", NEUTRAL)
BREAKDOWN_DIFFERS = Refusal("breakdown-differs", "A breakdown gives every term as the neutral rule does.", NEUTRAL)
RELEASE_TOO_LATE = Refusal(
    "release-too-late",
    "The release date is after neither the expiry less remission nor a granted early release.",
    DESIGN,
)
ALREADY_MANUAL = Refusal("computation-already-manual", "The computation is already with manual work.", DESIGN)
NOTHING_TO_OVERRIDE = Refusal(
    "nothing-to-override", "Authority replaces a computation, or decides one routed to manual work.", DESIGN
)
OVERRIDE_BY_PREPARER = Refusal("override-by-preparer", "Who prepared a computation does not override it.", SEPARATION)
COMPUTATION_NOT_CURRENT = Refusal(
    "computation-not-current", "Only the current computation, of unchanged inputs, is checked.", DESIGN
)
CHECK_BY_PREPARER = Refusal("check-by-preparer", "Who prepared a computation does not check it.", SEPARATION)
CREDIT_IN_DISPUTE = Refusal("credit-in-dispute", "A computation is not confirmed while its credit is in dispute.", DESIGN)
ALREADY_DISPUTED = Refusal("credit-already-disputed", "The credit is already in dispute.", DESIGN)
DETERMINED_BY_PREPARER = Refusal(
    "credit-determined-by-preparer", "Who prepared the computation does not determine a disputed credit.", SEPARATION
)
DAYS_OUT_OF_RANGE = Refusal("days-out-of-range", "A number of days is whole, not negative, and at most 73,000.", DESIGN)

# --- Execution and the end ------------------------------------------------------------------------------------

NOT_YET_FINAL = Refusal("sentence-not-final", "A sentence is executed once it is final.", DESIGN)
STAYED = Refusal("sentence-stayed", "A stayed sentence is not executed.", DESIGN)
NO_TERM = Refusal("no-term-to-serve", "There is no term to serve.", DESIGN)
NOT_HELD = Refusal("sentenced-not-held", "A person known to be at liberty or escaped is not transferred.", DESIGN)
SAME_INSTITUTION = Refusal("same-institution", "A transfer leads to another institution.", DESIGN)
ALREADY_HELD = Refusal("sentenced-already-held", "The person is already held.", DESIGN)
SENTENCE_OVER = Refusal("sentence-over", "Nobody is taken back into custody under a sentence that is over.", DESIGN)
REMISSION_NOT_GRANTED = Refusal(
    "remission-not-granted", "No more remission is forfeited than was granted and still stands.", DESIGN
)
PARDON_UNCLEAR = Refusal("pardon-unclear", "A full pardon leaves no term, another leaves at least one.", DESIGN)
STILL_HELD = Refusal("sentenced-still-held", "Nothing ends on paper while the person is recorded as held.", DESIGN)
ALREADY_QUASHED = Refusal("already-quashed", "The conviction is already quashed.", DESIGN)
ORDER_NOT_DUE = Refusal("order-not-due", "No order of that place with a day to be met by is still to be met.", DESIGN)
RESTRICTION_PAST = Refusal("restriction-date-past", "The record is to be restricted at a time to come.", DESIGN)
ALREADY_RESTRICTED = Refusal("record-already-restricted", "The record is already restricted.", DESIGN)
NOT_RESTRICTED = Refusal(
    "quashed-not-restricted", "After a quashed conviction the record is restricted before the case is closed.", DESIGN
)
CLOSED_BY_INVOLVED = Refusal(
    "sentencing-involved-unit", "The unit that answered for the case at a death does not close it.", SEPARATION
)
