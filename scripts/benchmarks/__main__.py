"""``scripts/bench``: run the sections asked for on the databases asked for; exit 1 if a ratio that must be reached is not."""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable

from scripts.benchmarks import appends, catch_up, commands, exports, replay, scale, webhooks
from scripts.benchmarks.databases import DIALECTS, Databases

SECTIONS: dict[str, tuple[str, Callable[[Databases, str], bool]]] = {
    "http": ("durable commands over HTTP, 32 connections", commands.run),
    "webhooks": ("durable commands over HTTP beside a receiver of webhooks", webhooks.run),
    "ledger": ("one event per append, 64 callers", appends.run),
    "replay": ("cases of 100 events", replay.run),
    "catchup": ("the timeline from the beginning of the log", catch_up.run),
    "export": ("a million entries to Parquet", exports.run),
    "scale": ("a million events against ten thousand", scale.run),
}


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="What casetrail costs, as ratios within one run.")
    parser.add_argument("sections", nargs="*", metavar="section", help=f"any of {', '.join(SECTIONS)}; all without one")
    parser.add_argument("--on", choices=DIALECTS, action="append", help="one database instead of both")
    parser.add_argument("--profile", action="store_true", help="show where the server's time goes instead (http only)")
    asked = parser.parse_args()
    unknown = [name for name in asked.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]}: there are {', '.join(SECTIONS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, as on any other way out
    reached = True
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")
    with Databases() as databases:
        for name in ["http"] if asked.profile else asked.sections or SECTIONS:
            title, run = SECTIONS[name]
            began = time.monotonic()
            for dialect in asked.on or DIALECTS:
                print(f"{name} on {dialect}: {title} (load average before: {os.getloadavg()[0]:.1f})", flush=True)
                if asked.profile:
                    commands.profile(databases, dialect)
                else:
                    reached &= run(databases, dialect)
            print(f"{name} took {time.monotonic() - began:.0f} s\n", flush=True)
    raise SystemExit(0 if reached else 1)


if __name__ == "__main__":
    main()
