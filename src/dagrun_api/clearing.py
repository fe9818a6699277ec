"""The protocol of Airflow's own REST API, as far as a retry needs it.

Every Airflow release clears a run in another way, so task instances are written by Airflow alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dagrun_api.airflow.clears import ClearApi
from dagrun_api.model import Cleared, FailedRun

__all__ = ["Clearing"]


class Clearing(Protocol):
    """An Airflow that clears failed runs: their failed tasks run again, and Airflow keeps the history of tries."""

    async def clear(self, runs: Sequence[FailedRun], api: ClearApi) -> Cleared:
        """Clear these runs, each by itself: one that Airflow refuses keeps no other from being cleared.

        It ends within a limited time. It raises nothing if Airflow refuses, or does not answer.
        """
        ...
