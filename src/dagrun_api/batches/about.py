"""What a client may ask of this installation."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from dagrun_api.model import About, Description

__all__ = ["RETRIES", "about"]

RETRIES = "none"
"""Who retries runs that have failed: this version does not."""


def about(found: Description) -> About:
    """Return what may be asked of an installation on this database."""
    return About(
        version=_version(),
        backend=found.backend,
        airflow=found.airflow,
        head=found.head,
        reason=found.obstacle,
        native_backfills=found.can_backfill,
        retries=RETRIES,
    )


@cache
def _version() -> str:
    # It is read from a file.
    return version("dagrun-api")
