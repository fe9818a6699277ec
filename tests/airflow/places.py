"""Where a test runs: a release on a kind of database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pytest

from .releases import AIRFLOW_1, AIRFLOW_2, AIRFLOW_3_1, AIRFLOW_3_3, AIRFLOW_3_4, Release


class Kind(Enum):
    """A kind of database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Place:
    """A release on a kind of database; there is one site at each for all tests."""

    release: Release
    kind: Kind

    def __str__(self) -> str:
        return f"{self.release.version}-{self.kind.value}"


FIRST_SQLITE = Place(AIRFLOW_1, Kind.SQLITE)
FIRST_POSTGRESQL = Place(AIRFLOW_1, Kind.POSTGRESQL)
SECOND_SQLITE = Place(AIRFLOW_2, Kind.SQLITE)
SECOND_POSTGRESQL = Place(AIRFLOW_2, Kind.POSTGRESQL)
THIRD_SQLITE = Place(AIRFLOW_3_1, Kind.SQLITE)
THIRD_POSTGRESQL = Place(AIRFLOW_3_1, Kind.POSTGRESQL)
AT_3_4 = Place(AIRFLOW_3_4, Kind.POSTGRESQL)
NEWEST_SQLITE = (Place(AIRFLOW_3_3, Kind.SQLITE), Place(AIRFLOW_3_4, Kind.SQLITE))
NEWEST_POSTGRESQL = (Place(AIRFLOW_3_3, Kind.POSTGRESQL), AT_3_4)
"""The two newest releases, of which one is a beta."""

SINCE_2 = (SECOND_SQLITE, SECOND_POSTGRESQL, THIRD_SQLITE, THIRD_POSTGRESQL, *NEWEST_SQLITE, *NEWEST_POSTGRESQL)
"""Where a test runs that does not say anything else."""
EVERYWHERE = (FIRST_POSTGRESQL, *SINCE_2)
"""But for Airflow 1.10 on SQLite, which knows its DAGs by less and has tests of its own."""
PARALLEL = (SECOND_POSTGRESQL, THIRD_POSTGRESQL, *NEWEST_SQLITE, *NEWEST_POSTGRESQL)
"""One of each scheduler that runs tasks side by side, and one on SQLite."""


def at(*places: Place) -> pytest.MarkDecorator:
    """Run a test at these places."""
    return pytest.mark.parametrize("site", places, indirect=True, ids=str)
