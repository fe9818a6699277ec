"""How the REST API of an Airflow release clears runs. This was tried on 2.11.2, 3.1.8 and 3.3.2."""

from __future__ import annotations

from enum import Enum

__all__ = ["ClearApi", "clear_api"]


class ClearApi(Enum):
    """A way to clear runs."""

    WHOLE_RUNS = "whole runs"
    """Since Airflow 2.4: one run in a request, and all its tasks."""
    FAILED_TASKS = "failed tasks"
    """Since Airflow 3.0: one run in a request, and its failed tasks only."""
    MANY_RUNS = "many runs"
    """Since Airflow 3.3: also several runs of a DAG in one request."""


def clear_api(airflow: str | None) -> ClearApi | None:
    """Return how a release clears runs, such as 2.11, or 3 for an unknown one; None if its API cannot."""
    if airflow is None:
        return None
    major, _, rest = airflow.partition(".")
    # Of an unknown Airflow 2 or 3, only what all of them have is asked.
    minor = int(rest.partition(".")[0]) if rest[:1].isdigit() else None
    if major == "2":
        return ClearApi.WHOLE_RUNS if minor is None or minor >= 4 else None
    if major == "3":
        return ClearApi.MANY_RUNS if minor is not None and minor >= 3 else ClearApi.FAILED_TASKS
    return None
