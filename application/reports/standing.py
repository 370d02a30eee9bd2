"""The standing reports there are."""

from application.reports import cases, corrections, deadlines, goods, late_entries, time_in_state
from application.reports.declaration import Report

REPORTS: tuple[Report, ...] = (
    cases.REPORT,
    time_in_state.REPORT,
    goods.REPORT,
    corrections.REPORT,
    late_entries.REPORT,
    deadlines.REPORT,
)
"""In the order in which they are listed."""
