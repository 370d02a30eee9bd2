"""What the tables' columns are made of, and the one metadata that all tables stand in."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Dialect, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Id(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, its 16 bytes on SQLite."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database at hand."""
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Hand the driver a UUID on PostgreSQL, bytes on SQLite."""
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ARG002
        """Give back a UUID on both."""
        return UUID(bytes=value) if isinstance(value, bytes) else value


def whole(name: str, *, nullable: bool = False) -> Column[int]:
    """A whole number of 64 bits."""
    return Column(name, BigInteger, nullable=nullable)


def text(name: str, *, nullable: bool = False) -> Column[str]:
    """A text."""
    return Column(name, Text, nullable=nullable)


def identity(name: str, *, nullable: bool = False) -> Column[UUID]:
    """A UUID, see ``Id``."""
    return Column(name, Id, nullable=nullable)


def octets(name: str, length: int | None = None) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary(length), nullable=False)
