"""Who takes part: the people of a made-up unit with their roles and functions, and the persons the cases are about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from application.access import AUDITOR, OPERATOR, REPORTER
from domain.kernel import OFFICER, RECORDS_MANAGER, SUPERVISOR

AGENCY = "casetrail-demonstration"
"""The agency in the ledger's first event: how a demonstration tells its own instance from a real one."""

UNIT = "export-control"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the agency: a pseudonymous id, the role used, and the functions held."""

    id: str
    role: str
    functions: tuple[str, ...] = ()


FIELD_1 = Person("field-officer-1", OFFICER)
FIELD_2 = Person("field-officer-2", OFFICER)
CUSTODY = Person("custody-officer", OFFICER, ("custody",))
REVIEWER = Person("review-officer", OFFICER, ("review",))
CHIEF = Person("duty-supervisor", SUPERVISOR, ("authorization", "disposal", "senior"))
KEEPER = Person("exhibits-keeper", OFFICER, ("exhibits",))
CLASSIFIER_1 = Person("classifier-1", OFFICER, ("classification",))
CLASSIFIER_2 = Person("classifier-2", OFFICER, ("classification",))
CLAIMS = Person("claims-officer", OFFICER, ("claims",))
LEAD = Person("lead-officer", OFFICER, ("lead",))
PROSECUTION = Person("prosecution-officer", OFFICER, ("prosecution",))
SENTENCES = Person("sentence-officer", OFFICER, ("sentence-administration",))
CHECKER = Person("sentence-checker", OFFICER, ("computation-check",))
RECORDS = Person("records-manager-1", RECORDS_MANAGER)
READER = Person("auditor-1", AUDITOR)
COUNTER = Person("reporter-1", REPORTER)
MACHINIST = Person("operator-1", OPERATOR)

PEOPLE = (
    *(FIELD_1, FIELD_2, CUSTODY, REVIEWER, CHIEF, KEEPER, CLASSIFIER_1, CLASSIFIER_2, CLAIMS, LEAD, PROSECUTION),
    *(SENTENCES, CHECKER, RECORDS, READER, COUNTER, MACHINIST),
)
"""Everybody who acts or reads. No two of those whom the rules keep apart are one person."""

SHOWN = (LEAD, CHIEF, READER, COUNTER, RECORDS, MACHINIST)
"""One person for each role, whose tokens a visitor gets."""

PERSON_A, PERSON_B, PERSON_C, PERSON_D = "person-A", "person-B", "person-C", "person-D"
UNIVERSITY, POSTAL_OPERATOR = "university", "postal-operator"

PARTIES: Mapping[str, str] = {
    PERSON_A: "person",
    PERSON_B: "person",
    PERSON_C: "person",
    PERSON_D: "person",
    UNIVERSITY: "organization",
    POSTAL_OPERATOR: "organization",
}
"""The party register's entries: the story's name of a party, which is its file number there, and its type."""


def by_id(people: Iterable[Person]) -> dict[str, Person]:
    """People by their ids."""
    return {person.id: person for person in people}
