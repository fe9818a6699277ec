"""What a client may ask of this installation."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from dagrun_api.airflow.clears import clear_api
from dagrun_api.model import About, Description

__all__ = ["about"]


def about(found: Description, *, can_clear: bool) -> About:
    """Return what may be asked of an installation on this database; `can_clear`: may Airflow's own API be asked?"""
    return About(
        version=_version(),
        backend=found.backend,
        airflow=found.airflow,
        head=found.head,
        reason=found.obstacle,
        native_backfills=found.can_backfill,
        retries=_retries(found, can_clear=can_clear),
    )


def _retries(found: Description, *, can_clear: bool) -> str:
    """Return who retries failed runs: the database only those without tasks, Airflow the others as well."""
    if found.obstacle is not None or found.retry_missing:
        return "none"
    return "airflow" if can_clear and clear_api(found.airflow) is not None else "database"


@cache
def _version() -> str:
    # It is read from a file.
    return version("dagrun-api")
