"""Query parameters that several reading routes take, checked before anything asks a database with them."""

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from application.errors import NotFound
from domain.values import in_utc

Name: TypeAlias = Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]
"""A text to compare with. A NUL is in no name there is, and PostgreSQL takes none."""

Instant: TypeAlias = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A moment with its offset, which the calendar must still have in UTC."""


def named_case(text: object) -> UUID:
    """The case id of a path; one that is no UUID names no case, so NotFound is raised as for any other unknown case."""
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound("case") from None


CaseInPath: TypeAlias = Annotated[UUID, BeforeValidator(named_case), Path()]

Filter: TypeAlias = Annotated[Name | None, Query()]
Moment: TypeAlias = Annotated[Instant | None, Query()]
KnownAt: TypeAlias = Annotated[Instant | None, Query(description="As recorded by this moment")]
TrueAt: TypeAlias = Annotated[Instant | None, Query(description="As in effect at this moment")]
