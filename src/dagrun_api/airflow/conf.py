"""A run's conf as Airflow stores it.

Airflow 1.10 and 2.x read a pickle; Airflow 3 and the built-in database use JSON. Pickles are written only here, and
never read anywhere: anyone who can write to that column could run code in the process that unpickles it.
"""

from __future__ import annotations

import pickle  # only to write
from collections.abc import Mapping

import orjson

from dagrun_api.airflow.layout import Generation, Layout

__all__ = ["encode"]

_PICKLE_PROTOCOL = 2
"""The newest protocol that every Python of Airflow 1.10 can read."""


def encode(conf: Mapping[str, object], layout: Layout) -> str | bytes:
    """Return the value of the column `conf`: always a mapping, because Airflow fails to read anything else."""
    if layout.generation in (Generation.AIRFLOW_1, Generation.AIRFLOW_2):
        return pickle.dumps(dict(conf), protocol=_PICKLE_PROTOCOL)
    # A body may have 500 runs with 40 kB each. The module json of Python would take a second for them.
    return orjson.dumps(dict(conf)).decode()
