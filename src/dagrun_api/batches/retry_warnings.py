"""What a client is told of a retry besides its numbers: why runs are left, and what to do about it."""

from __future__ import annotations

from dagrun_api.airflow.clears import ClearApi
from dagrun_api.model import MAX_BATCH, Cleared

__all__ = ["NO_CLEARING", "no_api", "retry_warnings"]

NO_CLEARING = (
    "Runs whose tasks have started are cleared by Airflow's own API, which this service is not set up to use: set the "
    "options airflow_url, and airflow_username and airflow_password (or airflow_token)."
)


def no_api(airflow: str | None) -> str:
    """Return why runs cannot be cleared on an Airflow without such an API."""
    return f"Airflow {airflow} has no API that clears runs whose tasks have started: clear them on its page."


def retry_warnings(
    cleared: Cleared, *, obstacle: str | None, api: ClearApi | None, is_more: bool, locked: int, is_paused: bool
) -> list[str]:
    """Return the warnings of one call.

    `obstacle` is why no run could be cleared, `is_more` whether it did not come to every run, `locked` how many runs
    another writer held, and `is_paused` whether a native backfill with runs that are back in the queue is paused.
    """
    found: list[str] = [obstacle] if obstacle is not None else []
    found += [f"{_runs(count)} left: {reason}" for reason, count in cleared.refusals.items()]
    if api is ClearApi.WHOLE_RUNS and cleared.runs:
        found.append("Airflow 2 clears whole runs: tasks that had succeeded run again as well.")
    if is_more:
        found.append(
            f"This request did not come to every run (Airflow clears at most {MAX_BATCH} runs a request): send it "
            "again for the others."
        )
    if locked:
        found.append(f"{_runs(locked)} left to another writer, which holds the row now: send the request again.")
    if is_paused:
        found.append("The backfill is paused: its runs wait until it continues.")
    return found


def _runs(count: int) -> str:
    return "1 run is" if count == 1 else f"{count} runs are"
