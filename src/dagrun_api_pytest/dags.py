"""The DAGs of a fake Airflow, as a test gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Dags"]

Dags = str | Path | Sequence[Mapping[str, object]]
"""The path of a catalogue (TOML), or mappings with the same keys: `{"dag_id": "etl", "schedule": "@daily"}`."""
