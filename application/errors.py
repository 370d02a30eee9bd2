"""What can go wrong between a caller and the ledger, apart from the law's own refusals.

    Refused (domain.kernel)      the law or the record says no: a code and a reason
    ApplicationError
    ├── NotAuthenticated         nobody knows who is calling
    ├── NotFound                 no such case, or not for this caller's eyes
    ├── NotAllowed               the caller's role, function or unit does not allow it
    ├── PreconditionMissing      the caller did not say on which version it decided
    ├── Stale                    the case has moved on since the caller read it
    ├── KeyReused                an idempotency key came back with another body
    ├── ClaimTaken               another case holds what this command would take
    ├── Invalid                  the input is well formed and still makes no sense: field and reason
    ├── CannotSuppress           a table cannot be given with its small cells suppressed
    └── Unavailable              the outcome cannot be established now; retry with the same key
    ImpossibleHistory            a defect, never caught (domain.kernel)

No HTTP here: the mapping to status codes stands in ``api.problems`` and is complete by test.
"""

from uuid import UUID


class ApplicationError(Exception):
    """The family of everything a caller can be told that is neither law nor defect."""


class NotAuthenticated(ApplicationError):
    """There is no token, or it proves nothing; the reason stays here."""


class NotFound(ApplicationError):
    """There is no such thing, or this caller may not know of it."""

    def __init__(self, what: str) -> None:
        """Name what was looked for, e.g. ``case``, without its content."""
        super().__init__(f"no such {what}")
        self.what = what


class NotAllowed(ApplicationError):
    """The caller is known, and may not do this."""


class PreconditionMissing(ApplicationError):
    """The command needs the version it was decided on."""


class Stale(ApplicationError):
    """The case is no longer at the version the caller decided on."""

    def __init__(self, case_id: UUID, expected: int, actual: int) -> None:
        """Keep both versions: the caller's and the ledger's."""
        super().__init__(f"expected version {expected}, the case is at {actual}")
        self.case_id = case_id
        self.expected = expected
        self.actual = actual


class KeyReused(ApplicationError):
    """The same idempotency key was sent before with a different body."""


class ClaimTaken(ApplicationError):
    """Another case holds the claim."""

    def __init__(self, scope: str, key: str) -> None:
        """Name the claim; the holder stays unnamed, the caller may not know that case."""
        super().__init__(f"{scope} is already taken")
        self.scope = scope
        self.key = key


class Invalid(ApplicationError):
    """The input cannot mean anything: ``field`` says where, ``reason`` why."""

    def __init__(self, field: str, reason: str) -> None:
        """Say where and why, without repeating the value."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class CannotSuppress(ApplicationError):
    """A table's small cells cannot be suppressed here, so the table is not given: the message says why."""


class Unavailable(ApplicationError):
    """The ledger cannot answer now; ``retry_after`` is in seconds."""

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        """Say what is not there and when to come back."""
        super().__init__(reason)
        self.retry_after = retry_after
