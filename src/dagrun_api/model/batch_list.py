"""The batches of a database, listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dagrun_api.model.batches import BatchProgress
from dagrun_api.model.runs import Prefix

__all__ = ["MAX_BATCHES", "BatchKey", "BatchPage", "ListedBatch"]

MAX_BATCHES = 100
"""Batches that one page may hold."""


class BatchKey(NamedTuple):
    """What names a batch: its runs are those of this DAG with the ids `<prefix>_<number>_<date>`."""

    dag_id: str
    prefix: Prefix


class ListedBatch(NamedTuple):
    """A batch and its progress."""

    prefix: Prefix
    progress: BatchProgress


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Batches, the one with the newest last run first."""

    batches: list[ListedBatch]
    next_start: int | None
    """The next page has the batches whose last run has an id below this one; None: there is none."""
