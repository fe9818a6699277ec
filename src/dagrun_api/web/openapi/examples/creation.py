"""The examples of requests that create runs."""

from __future__ import annotations

from collections.abc import Mapping

from dagrun_api.web.openapi.examples.example import Example

__all__ = ["EXAMPLES"]


def _created(*run_ids: str, skipped: tuple[str, ...] = (), **more: object) -> dict[str, object]:
    counted = {"skipped": len(skipped), "skipped_dag_run_ids": list(skipped), "truncated": False, "warnings": []}
    kind = {"run_type": "manual", "backfill_id": "None", "max_active_runs": "None"}
    return {"dag_run_ids": list(run_ids)} | counted | kind | more


def _window(prefix: str, start: str, end: str) -> dict[str, object]:
    return {"dag_id": "hello", "prefix": prefix, "start_date": start, "end_date": end}


def _planned(run_id: str, start: str, end: str) -> dict[str, object]:
    interval = {"data_interval_start": start, "data_interval_end": end}
    return {"run_id": run_id, "execution_date": start, **interval, "run_after": end}


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "create_runs": (
        Example(
            "window",
            "One run for each tick in three days",
            body=_window("first", "2017-09-05T00:00:00Z", "2017-09-07T23:59:59Z") | {"conf": {"why": "try it"}},
            answer=_created(
                "first_0000001_2017-09-05T12:00:00",
                "first_0000002_2017-09-06T12:00:00",
                "first_0000003_2017-09-07T12:00:00",
            ),
        ),
        Example(
            "resumed",
            "A window in which three dates already have a run",
            body=_window("etl", "2017-09-01T00:00:00Z", "2017-09-04T23:59:59Z"),
            answer=_created(
                "etl_0000004_2017-09-04T12:00:00",
                skipped=(
                    "etl_0000001_2017-09-01T12:00:00",
                    "etl_0000002_2017-09-02T12:00:00",
                    "etl_0000003_2017-09-03T12:00:00",
                ),
            ),
        ),
        Example(
            "partial",
            "The earliest two runs of a longer window",
            body=_window("part", "2017-01-01T00:00:00Z", "2017-08-31T23:59:59Z") | {"limit": 2, "partial": True},
            answer=_created("part_0000001_2017-01-01T12:00:00", "part_0000002_2017-01-02T12:00:00", truncated=True),
        ),
        Example(
            "now",
            "One run now, of a paused DAG",
            body={"dag_id": "amsterdam_orders"},
            answer=_created(
                "manual_0000001_2017-09-20T18:30:00",
                warnings=["Dag id amsterdam_orders is paused: its runs wait until it is unpaused."],
            ),
        ),
        Example(
            "list",
            "An explicit list of runs",
            body={
                "dag_id": "hello",
                "prefix": "again",
                "conf": {"why": "late data"},
                "runs": [
                    {"execution_date": "2017-08-01T12:00:00Z"},
                    {"execution_date": "2017-08-15T12:00:00Z", "conf": {"why": "new rates"}},
                ],
            },
            answer=_created("again_0000001_2017-08-01T12:00:00", "again_0000002_2017-08-15T12:00:00"),
        ),
        Example(
            "limited",
            "A native backfill, of which two runs may be active at once",
            body=_window("june", "2017-06-01T00:00:00Z", "2017-06-03T23:59:59Z") | {"max_active_runs": 2},
            answer=_created(
                "june_0000001_2017-06-01T12:00:00",
                "june_0000002_2017-06-02T12:00:00",
                "june_0000003_2017-06-03T12:00:00",
                run_type="backfill",
                backfill_id=2,
                max_active_runs=2,
            ),
        ),
        Example(
            "dry_run",
            "A dry run",
            body=_window("look", "2017-09-18T00:00:00Z", "2017-09-20T18:00:00Z") | {"dry_run": True},
            answer=_created(
                "look_0000001_2017-09-18T12:00:00",
                skipped=("scheduled__2017-09-19T12:00:00+00:00",),
                warnings=["Ticks from 2017-09-20T12:00:00Z on are not due yet; no run was created for them."],
                runs=[_planned("look_0000001_2017-09-18T12:00:00", "2017-09-18 12:00:00", "2017-09-19 12:00:00")],
            ),
        ),
    ),
}
