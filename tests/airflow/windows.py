"""The lists of a real Airflow: run by the Python of its venv, which does not have this package.

Each line that comes in is a question, a JSON object with a serialized `timetable` and either a window, of `start`,
`end`, the `zone` they are handed over in and the `most` runs to list, or the moment `at` of a manual run. Each line
that goes out is its answer; the first one of all tells the versions of what Airflow's lists depend on.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

JSON = dict[str, Any]
Lister = Callable[..., Iterable[Any]]


def main() -> None:
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # where Airflow may log what it likes
        for answer in _answers():
            answers.write(json.dumps(answer) + "\n")


def _answers() -> Iterator[JSON]:
    yield {name: importlib.metadata.version(name) for name in ("croniter", "tzdata")}
    lister = _lister()
    for line in sys.stdin:
        question = json.loads(line)
        try:
            timetable = _timetable(question["timetable"])
        except Exception as error:  # Airflow would not load the DAG, whatever the reason
            yield {"refused": repr(error)}
            continue
        yield _manual(timetable, question) if "at" in question else _listed(lister, timetable, question)


def _lister() -> Lister:
    """The function of this Airflow that lists what a backfill creates; it moves from release to release."""
    for module, owner in (
        ("airflow.serialization.definitions.dag", "SerializedDAG"),
        ("airflow.serialization.serialized_objects", "SerializedDAG"),
        ("airflow.models.dag", "DAG"),
    ):
        with contextlib.suppress(ImportError, AttributeError):
            found: Lister = getattr(importlib.import_module(module), owner).iter_dagrun_infos_between
            return found
    raise SystemExit("this Airflow lists runs in another place")


def _timetable(serialized: JSON) -> Any:
    module, _, name = serialized["__type"].rpartition(".")
    timetable = getattr(importlib.import_module(module), name).deserialize(serialized["__var"])
    timetable.validate()
    return timetable


def _manual(timetable: Any, question: JSON) -> JSON:
    try:
        interval = timetable.infer_manual_data_interval(run_after=_moment(question["at"], "UTC"))
    except Exception as error:  # whatever it is, there is no interval
        return {"error": repr(error)}
    return {"interval": [_text(interval.start), _text(interval.end)]}


def _listed(lister: Lister, timetable: Any, question: JSON) -> JSON:
    """The runs of a window up to `most`, or to the first that comes again: some lists have no end."""
    dag = SimpleNamespace(timetable=timetable, dag_id="dag", is_subdag=False, log=Mock())
    start, end = (_moment(question[name], question["zone"]) for name in ("start", "end"))
    runs: dict[tuple[str, ...], None] = {}
    for info in islice(lister(dag, start, end), question["most"]):
        moments = (info.logical_date, info.data_interval.start, info.data_interval.end, info.run_after)
        run = tuple(map(_text, moments))
        if run in runs:
            break
        runs[run] = None
    return {"runs": list(runs)}


def _moment(text: str, zone: str) -> Any:
    pendulum: Any = importlib.import_module("pendulum")
    return pendulum.instance(datetime.fromisoformat(text)).in_timezone(zone)


def _text(moment: Any) -> str:
    return str(moment.in_timezone("UTC").isoformat()).replace("Z", "+00:00")


if __name__ == "__main__":
    main()
