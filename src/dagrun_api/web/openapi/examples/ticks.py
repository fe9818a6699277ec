"""The examples of requests for the ticks of a schedule."""

from __future__ import annotations

from collections.abc import Mapping

from dagrun_api.web.openapi.examples.example import Example
from dagrun_api.web.openapi.examples.rows import QUEUED, SCHEDULED

__all__ = ["EXAMPLES"]


def _tick(start: str, end: str, *, is_due: bool = True, dag_run: object = "None") -> dict[str, object]:
    interval = {"data_interval_start": start, "data_interval_end": end}
    return {"execution_date": start, **interval, "run_after": end, "is_due": is_due, "dag_run": dag_run}


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "list_ticks": (
        Example(
            "first",
            "The first tick of a longer window",
            parameters={
                "dag_id": "hello",
                "start_date": "2017-09-03T12:00:00Z",
                "end_date": "2017-09-20T12:00:00Z",
                "limit": 1,
            },
            answer={
                "ticks": [_tick("2017-09-03 12:00:00", "2017-09-04 12:00:00", dag_run=QUEUED)],
                "counts": {"missing": 0, "not_due": 0, "queued": 1, "running": 0, "success": 0, "failed": 0},
                "warnings": [],
            },
        ),
        Example(
            "gap",
            "Three days: one is missing, one has a run, and one is not due yet",
            parameters={"dag_id": "hello", "start_date": "2017-09-18T12:00:00Z", "end_date": "2017-09-20T12:00:00Z"},
            answer={
                "ticks": [
                    _tick("2017-09-18 12:00:00", "2017-09-19 12:00:00"),
                    _tick("2017-09-19 12:00:00", "2017-09-20 12:00:00", dag_run=SCHEDULED),
                    _tick("2017-09-20 12:00:00", "2017-09-21 12:00:00", is_due=False),
                ],
                "counts": {"missing": 1, "not_due": 1, "queued": 0, "running": 0, "success": 1, "failed": 0},
                "warnings": [],
            },
        ),
    ),
}
