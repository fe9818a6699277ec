"""The schedules of Airflow DAGs: which runs a window holds, exactly as Airflow would list them.

    timetable = decode(serialized["dag"], "Europe/Amsterdam")
    for run in timetable.between(start, end):
        ...

`decode` reads what Airflow stored; `between` lists lazily; `infer_manual` gives a manual run's data interval.
The rules, module by module: `cron` (an expression on a plain clock), `zone` (a time zone as spans of one
offset), `schedule` (a cron in a zone: Airflow's stepping over clock changes), then one module for each kind of
timetable. Pure: no I/O but reading zone data from the `tzdata` package.
"""

from __future__ import annotations

import importlib.metadata

from dagrun_api.timetables.decode import decode
from dagrun_api.timetables.runs import DataInterval, RunInfo, Stretch, Timetable

__all__ = ["DataInterval", "RunInfo", "Stretch", "Timetable", "decode", "versions"]


def versions() -> dict[str, str]:
    """The versions of the two packages that a list of runs depends on."""
    return {name: importlib.metadata.version(name) for name in ("croniter", "tzdata")}
