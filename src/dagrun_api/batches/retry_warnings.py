"""What a client is told of a retry besides its numbers: why runs are left, and what to do about it.

These sentences are shown as they are by the API, the page, the shell and the client. So they say "retry again", which
each of them can, and neither name what one of them is sent nor repeat what `truncated` says.
"""

from __future__ import annotations

from dagrun_api.airflow.clears import ClearApi
from dagrun_api.model import MAX_BATCH, Cleared

__all__ = ["NO_CLEARING", "no_api", "retry_warnings"]

NO_CLEARING = (
    "Runs whose tasks have started are cleared by Airflow's own API, which this service is not set up to use (options "
    "airflow_url, and airflow_username and airflow_password, or airflow_token): clear them on Airflow's page."
)


def no_api(airflow: str | None) -> str:
    """Return why runs cannot be cleared on an Airflow without such an API."""
    return f"Airflow {airflow} has no API that clears runs whose tasks have started: clear them on its page."


def retry_warnings(
    cleared: Cleared, *, obstacle: str | None, api: ClearApi | None, is_stuck: bool, locked: int, is_paused: bool
) -> list[str]:
    """Return the warnings of one call.

    `obstacle` is why no run could be cleared, `is_stuck` whether not every run was tried and none cleared,
    `locked` how many runs another writer held, and `is_paused` whether a native backfill with runs that are back in the
    queue is paused.
    """
    found: list[str] = [obstacle] if obstacle is not None else []
    found += [f"{_runs(count)} left: {reason}" for reason, count in cleared.refusals.items()]
    if api is ClearApi.WHOLE_RUNS and cleared.runs:
        found.append("Airflow 2 clears whole runs: tasks that had succeeded run again as well.")
    if is_stuck:
        found.append(f"Not every run was tried (Airflow is asked for at most {MAX_BATCH} at a time): retry again.")
    if locked:
        found.append(f"{_runs(locked)} left to another writer, which holds the row now: retry again.")
    if is_paused:
        found.append("The backfill is paused: its runs wait until it continues.")
    return found


def _runs(count: int) -> str:
    return "1 run is" if count == 1 else f"{count} runs are"
