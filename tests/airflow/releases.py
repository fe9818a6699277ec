"""The Airflow releases that the tests install, and what each of them wants."""

from __future__ import annotations

from dataclasses import dataclass

from dagrun_api.model import TickRules

from .generations import BEFORE_2_7, FIRST, SECOND, THIRD, Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One Airflow release and how to install it, today and in five years."""

    version: str
    """As on PyPI."""
    generation: Generation
    newest: str
    """Packages that came out after this day are not looked at: the resolution stays what it was that day."""
    python: tuple[tuple[int, int], tuple[int, int]]
    """The Python versions that it runs on: from, and up to but without."""
    needs: tuple[str, ...]
    """What it needs beyond itself: to reach PostgreSQL and Celery, or where it asks for less than it needs."""
    tick_rules: TickRules = TickRules.BEFORE_3_3
    is_prerelease: bool = False
    """It came out before the release of its number, and so did parts of it."""
    is_optional: bool = False
    """Its Python is so old that few machines have one: where there is none, it is not tried."""

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @property
    def python_range(self) -> str:
        (major, oldest), (_, newer) = self.python
        return f">={major}.{oldest},<{major}.{newer}"

    @property
    def requirements(self) -> tuple[str, ...]:
        return (f"apache-airflow=={self.version}", *self.needs)


AIRFLOW_1 = Release(
    version="1.10.15",
    generation=FIRST,
    newest="2021-04-01",
    python=((3, 7), (3, 8)),
    needs=("psycopg2-binary", "sqlalchemy<1.4"),
    is_optional=True,
)
AIRFLOW_2_6 = Release(
    version="2.6.3",
    generation=BEFORE_2_7,
    newest="2023-07-12",
    python=((3, 8), (3, 12)),
    needs=("psycopg2-binary",),
    is_optional=True,
)
AIRFLOW_2 = Release(
    version="2.11.2",
    generation=SECOND,
    newest="2026-03-20",
    python=((3, 10), (3, 13)),
    # The providers for Celery from 3.16.0 to 3.17.1 do not work with it.
    needs=("psycopg2-binary", "apache-airflow-providers-celery<3.16", "redis"),
)
AIRFLOW_3_1 = Release(
    version="3.1.8",
    generation=THIRD,
    newest="2026-03-20",
    python=((3, 10), (3, 14)),
    needs=("psycopg2-binary", "asyncpg"),
)
AIRFLOW_3_3 = Release(
    version="3.3.2",
    generation=THIRD,
    newest="2026-10-01",
    python=((3, 10), (3, 15)),
    needs=("psycopg2-binary", "asyncpg"),
    tick_rules=TickRules.SINCE_3_3,
)
AIRFLOW_3_4 = Release(
    version="3.4.0b2",
    generation=THIRD,
    newest="2026-11-24",
    python=((3, 10), (3, 15)),
    needs=("psycopg2-binary", "asyncpg"),
    tick_rules=TickRules.SINCE_3_4,
    is_prerelease=True,
)
