"""Who may act: the agency's own table of people, their unit, roles and functions, and the tokens that speak for them."""

import json
import threading
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog

from application.access import ROLES
from application.errors import Invalid, NotAuthenticated
from domain.kernel import Actor
from domain.values import CODE, conforms
from infrastructure.database import write_transaction
from infrastructure.schema import actors
from infrastructure.tokens import BadToken, Verifier

REFRESH = 1.0
"""Seconds after which a changed role, unit or function is in force in every process."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One person as the agency's table has them."""

    id: str
    unit: str
    agency: str
    roles: tuple[str, ...]
    functions: tuple[str, ...] = ()
    active: bool = True


def register(engine: sa.Engine, person: Registration) -> None:
    """Put a person into the table, or change them there. Raises Invalid for a role that does not exist, and for no code."""
    unknown = sorted(set(person.roles) - ROLES)
    if unknown:
        raise Invalid("role", f"no such role; the roles are {', '.join(sorted(ROLES))}")
    if person.active:  # nobody's dismissal hangs on how they are called
        check_codes(person)
    values: dict[str, Any] = {
        "unit": person.unit,
        "agency": person.agency,
        "roles": json.dumps(sorted(person.roles)),
        "functions": json.dumps(sorted(person.functions)),
        "active": person.active,
    }
    with write_transaction(engine) as connection:
        changed = connection.execute(actors.update().where(actors.c.id == person.id).values(**values))
        if changed.rowcount == 0:
            connection.execute(actors.insert().values(id=person.id, **values))


def check_codes(person: Registration) -> None:
    """Raise Invalid for what could not stand in an entry, which states who decided and for which unit: none is ever edited."""
    stated = {"user": (person.id,), "unit": (person.unit,), "agency": (person.agency,), "function": person.functions}
    for name, texts in stated.items():
        if not all(conforms(text, CODE) for text in texts):
            raise Invalid(name, f"{CODE.most} letters, digits and . _ : @ / - at most, the first a letter or a digit")


def registered(engine: sa.Engine) -> dict[str, Registration]:
    """Everybody in the table, by id."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(actors)).mappings()
        return {
            row["id"]: Registration(
                row["id"],
                row["unit"],
                row["agency"],
                tuple(json.loads(row["roles"])),
                tuple(json.loads(row["functions"])),
                bool(row["active"]),
            )
            for row in rows
        }


class TokenAuthenticator:
    """Implements ``application.ports.Authenticator`` on a copy of the table that is read again every second.

    A token proves an id and a role for as long as it lives; whether that person may still use that role, and for which
    unit, is asked of the copy on every request.
    """

    def __init__(self, engine: sa.Engine, verifier: Verifier) -> None:
        """Read the table once, so that the first request finds it."""
        self._engine = engine
        self._verifier = verifier
        self._people: dict[tuple[str, str], Actor] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="actors", daemon=True)
        self.refresh()

    def start(self) -> None:
        """Begin to follow changes of the table."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def refresh(self) -> None:
        """Read the table again."""
        self._people = {
            (person.id, role): Actor(person.id, role, person.unit, person.agency, frozenset(person.functions))
            for person in registered(self._engine).values()
            if person.active
            for role in person.roles
        }

    def _follow(self) -> None:
        while not self._stop.wait(REFRESH):
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - who is dismissed while this stands still keeps every role
                structlog.get_logger().warning("actors.unread", error=type(error).__name__)

    def authenticate(self, token: str) -> Actor:
        """See ``Authenticator.authenticate``."""
        try:
            identity = self._verifier.verify(token)
        except BadToken as bad:
            raise NotAuthenticated(bad.reason) from None
        actor = self._people.get((identity.subject, identity.role))
        if actor is None:
            raise NotAuthenticated("unknown")
        return actor
