"""The command line, ``casetrail …``: one program for operators, auditors and the demonstration.

Exit codes: 0 done; 1 what was checked does not hold; 2 it could not be done, and one line on standard error says why.
"""

import sys

import typer
from pydantic import ValidationError

from api.cli import demo, exports, instances, people, profiles, projections, readers, reports, servers, webhooks
from application.errors import ApplicationError
from infrastructure.backup import BackupRefused
from infrastructure.database import NO_ANSWER, NotOwner, TooMuchPower
from infrastructure.instance import NotReady
from infrastructure.key_files import UnusableKeyFile
from infrastructure.settings import Settings

app = typer.Typer(
    name="casetrail",
    help="Event-sourced case management: every case a history of immutable events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (instances, people, profiles, servers, readers, projections, reports, webhooks, exports, demo):
    module.register(app)


def misset(error: ValidationError) -> str:
    """The settings that make no sense, by their variables, without their values."""
    return ", ".join(f"CASETRAIL_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())


EXPLAINED = (NotReady, NotOwner, TooMuchPower, UnusableKeyFile, BackupRefused, ApplicationError, ValueError, OSError)


def main() -> None:
    """Run a command; what an operator can mend is one line, a defect keeps its traceback."""
    try:
        app()
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        print(f"casetrail: {misset(error)}", file=sys.stderr)
        raise SystemExit(2) from None
    except EXPLAINED as error:
        print(f"casetrail: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except NO_ANSWER as error:
        print(f"casetrail: the database does not answer: {type(getattr(error, 'orig', error)).__name__}", file=sys.stderr)
        raise SystemExit(2) from None
