"""The schedules of Airflow DAGs: which runs a window holds, exactly as Airflow would list them.

    timetable = decode(serialized["dag"], "Europe/Amsterdam")
    for run in timetable.between(start, end):
        ...

`decode` reads what Airflow stored, `between` lists runs lazily, `stretches` lists them with notes, and `infer_manual`
returns the data interval of a manual run. The modules: `cron` (an expression on a plain clock), `zone` (a time zone as
spans of one offset), `zoned_cron` (a cron in a zone: how Airflow steps over clock changes), and one for each kind of
timetable. Pure: the only I/O is reading zone data from the `tzdata` package.
"""

from __future__ import annotations

import importlib.metadata

from dagrun_api.timetables.decode import decode
from dagrun_api.timetables.runs import DataInterval, RunInfo, Stretch, Timetable

__all__ = ["DataInterval", "RunInfo", "Stretch", "Timetable", "decode", "versions"]


def versions() -> dict[str, str]:
    """Return the versions of the two packages that a list of runs depends on."""
    return {name: importlib.metadata.version(name) for name in ("croniter", "tzdata")}
