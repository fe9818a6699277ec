"""A run's conf as Airflow stores it.

Airflow 1.10 and 2.x read a pickle; Airflow 3 and the built-in database use JSON. Pickles are written only here, and
never read anywhere: anyone who can write to that column could run code in the process that unpickles it.

JSON stays text when it is read. An answer holds it as it stands: Airflow writes numbers, and a nesting, that Python
could not write again.
"""

from __future__ import annotations

import pickle  # only to write
from collections.abc import Mapping

import orjson

from dagrun_api.airflow.layout import Generation, Layout

__all__ = ["decode", "encode", "is_json"]

_PICKLE_PROTOCOL = 2
"""The newest protocol that every Python of Airflow 1.10 can read."""


def encode(conf: Mapping[str, object], layout: Layout) -> str | bytes:
    """Return the value of the column `conf`: always a mapping, because Airflow fails to read anything else."""
    if layout.generation in (Generation.AIRFLOW_1, Generation.AIRFLOW_2):
        return pickle.dumps(dict(conf), protocol=_PICKLE_PROTOCOL)
    # A body may have 500 runs with 40 kB each. The module json of Python would take a second for them.
    return orjson.dumps(dict(conf)).decode()


def is_json(layout: Layout) -> bool:
    """Return whether the column `conf` may be read."""
    column = layout.columns["dag_run"].get("conf")
    return column is not None and column.type.lower() in ("json", "jsonb")


def decode(value: object) -> str | None:
    """Return the text of a JSON object from the column `conf`; None for NULL, and for anything else."""
    # SQLite allows a value of any type in any column.
    if not isinstance(value, str):
        return None
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(found, dict) else None
