"""A process that follows a ledger of matters until it is killed: ``python -m tests.infrastructure.projecting URL BATCH``."""

import sys

from infrastructure.database import open_engine
from tests.matters import Office


def main(url: str, batch: str) -> None:
    """Project until somebody ends this process or closes its input."""
    office = Office(open_engine(url))
    projector = office.projector(batch=int(batch))
    projector.start()
    sys.stdin.read()
    projector.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
