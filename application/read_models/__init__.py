"""Read models, each a declaration in a module of its own."""

from typing import Any

from application.project import ReadModel
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.timeline import TIMELINE

READ_MODELS: tuple[ReadModel[Any], ...] = (CASES, TIMELINE, AUDIT)
"""Every read model of the application."""
