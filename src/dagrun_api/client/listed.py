"""The batches that the API lists, named as in the API."""

from __future__ import annotations

from dataclasses import dataclass

from dagrun_api.client.values import DagProgress, Json, dag_progress

__all__ = ["Batch", "batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(DagProgress):
    """A batch of one DAG, and its progress."""

    prefix: str
    """What its run ids start with: `<prefix>_<number>_<execution date>`."""


def batch(data: Json) -> Batch:
    """Read a batch."""
    return Batch(prefix=data["prefix"], **dag_progress(data))
