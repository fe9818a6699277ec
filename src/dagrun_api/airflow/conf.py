"""A run's conf as Airflow stores it.

Airflow 1.10 and 2.x read a pickle, Airflow 3 reads JSON; a database of our own holds JSON. A pickle is only ever
written here, and never read anywhere: whoever can write to that column can run code in what unpickles it.
"""

from __future__ import annotations

import json
import pickle  # only to write
from collections.abc import Mapping

from dagrun_api.airflow.layout import Generation, Layout

__all__ = ["encode"]

_PICKLE_PROTOCOL = 2
"""The newest that every Python of Airflow 1.10 can read."""


def encode(conf: Mapping[str, object], layout: Layout) -> str | bytes:
    """Return the conf for the `conf` column: always a mapping, since anything else breaks Airflow's readers."""
    if layout.generation in (Generation.AIRFLOW_1, Generation.AIRFLOW_2):
        return pickle.dumps(dict(conf), protocol=_PICKLE_PROTOCOL)
    return json.dumps(dict(conf), ensure_ascii=False, separators=(",", ":"))
