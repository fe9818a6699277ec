"""The Airflow releases that the tests install, and what each of them wants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One Airflow release and how to install it, today and in five years."""

    version: str
    """As on PyPI."""
    newest: str
    """Packages that came out after this day are not looked at: the resolution stays what it was that day."""
    python: tuple[tuple[int, int], tuple[int, int]]
    """The Python versions that it runs on: from, and up to but without."""
    drivers: tuple[str, ...]
    """What it needs beyond itself to reach PostgreSQL."""

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @property
    def rest(self) -> str:
        """Where its REST API begins."""
        return "/api/v1" if self.major < 3 else "/api/v2"

    @property
    def date_column(self) -> str:
        """The column of dag_run that holds a run's date."""
        return "execution_date" if self.major < 3 else "logical_date"

    @property
    def python_range(self) -> str:
        (major, oldest), (_, newer) = self.python
        return f">={major}.{oldest},<{major}.{newer}"

    @property
    def requirements(self) -> tuple[str, ...]:
        return (f"apache-airflow=={self.version}", *self.drivers)


AIRFLOW_2 = Release(
    version="2.11.2",
    newest="2026-03-20",
    python=((3, 10), (3, 13)),
    drivers=("psycopg2-binary",),
)
AIRFLOW_3 = Release(
    version="3.1.8",
    newest="2026-03-20",
    python=((3, 10), (3, 14)),
    drivers=("psycopg2-binary", "asyncpg"),
)
AIRFLOW_3_3 = Release(
    version="3.3.2",
    newest="2026-10-01",
    python=((3, 10), (3, 15)),
    drivers=("psycopg2-binary", "asyncpg"),
)
