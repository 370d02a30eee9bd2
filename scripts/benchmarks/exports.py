"""An export to Parquet against a plain dump through ADBC, each in a process of its own that reports its peak memory.

The plain dump fetches rows that stand in a table just as the export writes them, and hands them to pyarrow: no JSON is
read, nothing is hashed, flushed or described. A second dump fetches the events themselves, which the export reads.
"""

import os
import subprocess
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from domain.catalogue import discover
from infrastructure.database import open_engine
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.instances import libpq, open_exports
from infrastructure.settings import Settings
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.recording import office
from scripts.benchmarks.rounds import Ratio, alternate, show
from scripts.benchmarks.scale import LARGE, grow

ROUNDS = 3
LEAST = 0.4

OURS, ROWS, EVENTS = "casetrail: export entries", "ADBC: the same rows, dumped", "ADBC: the events, dumped"
STATEMENTS = {
    ROWS: "SELECT * FROM exported",
    EVENTS: "SELECT position, case_id, version, kind, type, recorded_at, state, envelope FROM events ORDER BY position",
}


def run(databases: Databases, dialect: str) -> bool:
    """Measure on PostgreSQL; whether the ratio is reached. SQLite has no plain dump to compare with."""
    if dialect == "sqlite":
        print("  ADBC speaks to PostgreSQL only")
        return True
    with databases.fresh(dialect) as database, scratch() as folder:
        with office(database, folder / "instance") as ours:
            grow(ours, LARGE)
        settings = {"CASETRAIL_INSTANCE": str(folder / "instance"), "CASETRAIL_DATABASE_URL": database.url}
        engine = open_engine(database.owner_url)
        url = libpq(engine)
        engine.dispose()
        peaks: dict[str, list[int]] = {}
        measures = {name: partial(child, name, url, folder, settings, peaks) for name in (OURS, *STATEMENTS)}
        measures[OURS]()
        ingest(str(url), folder / "drop-1")
        reached = show(alternate(ROUNDS, measures), [Ratio(OURS, ROWS, LEAST), Ratio(OURS, EVENTS)], "rows/s")
        for name, found in peaks.items():
            print(f"  {name:<44} {max(found) / 1024:>9,.0f} MB at most in memory")
        return reached


def child(name: str, url: str | None, folder: Path, settings: dict[str, str], peaks: dict[str, list[int]]) -> float:
    """Rows per second of one dump or export, in a fresh process."""
    number = 1 + len(peaks.setdefault(name, []))
    target = folder / (f"drop-{number}" if name == OURS else "plain.parquet")
    command = [sys.executable, "-m", __name__, name, str(url), str(target)]
    done = subprocess.run(command, env=os.environ | settings, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    rate, peak = done.stdout.split()
    peaks[name].append(int(peak))
    return float(rate)


def measure(name: str, url: str, target: Path) -> float:
    """Rows per second in this process; its start is not measured: imports, and opening the instance."""
    for module in ("pyarrow.parquet", "pyarrow.json", "pyarrow.compute", "adbc_driver_postgresql.dbapi"):
        import_module(module)
    return exported(target) if name == OURS else dumped(STATEMENTS[name], url, target)


def exported(folder: Path) -> float:
    """Export, as the command line does."""
    with open_exports(Settings(), discover()) as exports:
        began = time.perf_counter()
        manifest = exports.drop(DATASETS["entries"], folder, "parquet").make(0, exports.head())
        return sum(file.rows for file in manifest.files) / (time.perf_counter() - began)


def dumped(statement: str, url: str, target: Path) -> float:
    """Connect, fetch and write, nothing else."""
    began = time.perf_counter()
    adbc, parquet = import_module("adbc_driver_postgresql.dbapi"), import_module("pyarrow.parquet")
    with adbc.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        table = cursor.fetch_arrow_table()
    parquet.write_table(table, target)
    return len(table) / (time.perf_counter() - began)


def ingest(url: str, folder: Path) -> None:
    """Put a drop's rows into a table, in the order of the log."""
    adbc, parquet = import_module("adbc_driver_postgresql.dbapi"), import_module("pyarrow.parquet")
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for number, path in enumerate(sorted(folder.glob("*.parquet"))):
            table: Any = parquet.read_table(path)
            cursor.adbc_ingest("exported", table, mode="append" if number else "create")
        connection.commit()
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE exported")
        connection.exec_driver_sql("VACUUM ANALYZE events")
    engine.dispose()


def peak() -> int:
    """The most memory this process ever had, in kilobytes: of this program alone, unlike what getrusage tells of a child."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    measured = measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    print(measured, peak())
