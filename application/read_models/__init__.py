"""Read models, each a declaration in a module of its own."""

from typing import Any

from application.project import ReadModel
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.custody import CUSTODY
from application.read_models.deadlines import DEADLINES
from application.read_models.links import LINKS
from application.read_models.persons import PERSONS
from application.read_models.state_intervals import STATE_INTERVALS
from application.read_models.timeline import TIMELINE

READ_MODELS: tuple[ReadModel[Any], ...] = (CASES, TIMELINE, AUDIT, STATE_INTERVALS, LINKS, CUSTODY, DEADLINES, PERSONS)
"""Every read model of the application."""
