"""What kind of store a line needs, and that the place it was put in is of that kind."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import By, officers
from domain.kinds.seizure.acts import LineCommand, LineEvent
from domain.values import Label


class StorageClass(StrEnum):
    """What a store must be equipped for."""

    GENERAL = "general"
    BULK = "bulk"
    SECURE = "secure"
    WEAPONS = "weapons"
    HAZARDOUS = "hazardous"
    COLD = "cold"
    CLIMATE_CONTROLLED = "climate_controlled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignStorageClass(LineCommand):
    """Record what kind of store a line needs; from then on it is put into no other."""

    by: ClassVar[By] = officers("exhibits")

    storage_class: StorageClass


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClassAssigned(LineEvent):
    """A line needs a store of this class."""

    type: ClassVar[str] = "seizure.storage_class_assigned"

    storage_class: StorageClass


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConfirmed(LineEvent):
    """The place a line was just put in is a store of this class."""

    type: ClassVar[str] = "seizure.storage_confirmed"

    place: Label
    storage_class: StorageClass
