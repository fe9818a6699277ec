"""Run ids: which ones Airflow accepts, which ones it reserves, and how this service builds its own.

A run id of this service is `<prefix>_<number>_<execution date>`, such as `etl_0000001_2017-09-01T12:00:00`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from dagrun_api.errors import InvalidRequest
from dagrun_api.instants import texts
from dagrun_api.model import Prefix

__all__ = ["MAX_LENGTH", "RESERVED", "build", "canonical", "check_prefix", "parsed", "stem"]

MAX_LENGTH = 250
"""The width of the column; SQLite does not enforce it."""

RESERVED = (
    "scheduled__",
    "backfill_",
    "backfill__",
    "dataset_triggered__",
    "asset_triggered__",
    "asset_materialization__",
    "operator_triggered__",
)
"""How Airflow's own run ids begin. A foreign run with the next `scheduled__` id ends the scheduler's process."""

_ALLOWED = re.compile(r"[A-Za-z0-9_.~:+-]+", re.ASCII)
"""Airflow's `allowed_run_id_pattern` (2.6.3 and later); other characters ended the scheduler of 2.11.2."""

_NUMBERED = re.compile(r"_[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T")
"""What a prefix must not contain: a run id would be hard to tell from one of a batch with a shorter prefix."""

_OF_BATCH = re.compile(
    r"(?P<prefix>.+)_(?P<number>[0-9]{7,18})_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?",
    re.DOTALL,
)

_LAST_NUMBER = 10**18 - 1
"""The highest number of a run id. With a longer one, a run would not belong to its batch."""


def canonical(prefix: str) -> Prefix:
    """Return a prefix in the one form that names its batch: without one trailing underscore."""
    return Prefix(prefix.removesuffix("_"))


def check_prefix(prefix: str) -> Prefix:
    """Return the prefix of new run ids in its canonical form.

    Raises `InvalidRequest` when the run ids made of it would not be safe in Airflow.
    """
    joined = canonical(prefix)
    if not joined:
        raise InvalidRequest("prefix must not be empty: send a word that names the batch, such as etl_2017_")
    if "backfill" in prefix.lower():
        raise InvalidRequest('Prefix cannot contain the word "backfill": Airflow reserves it for its own runs.')
    if not _ALLOWED.fullmatch(prefix):
        raise InvalidRequest(f"prefix {_shown(prefix)} may only contain letters, digits and the characters _ . ~ : + -")
    if ".." in prefix:
        raise InvalidRequest(
            f"prefix {_shown(prefix)} must not contain two dots in a row: Airflow builds paths from it."
        )
    if _NUMBERED.search(joined):
        raise InvalidRequest(
            f"prefix {_shown(prefix)} contains the number and date of a run id: send only what comes before them."
        )
    for word in RESERVED:
        if f"{joined}_".startswith(word):
            raise InvalidRequest(
                f"prefix {_shown(prefix)} makes run ids that begin with {word}, which Airflow reserves."
            )
    build(joined, 1, [datetime(2017, 9, 1, tzinfo=UTC)])
    return joined


def stem(prefix: Prefix, number: int) -> str:
    """Return a run id without its date."""
    return f"{prefix}_{number:07d}"


def build(prefix: Prefix, first_number: int, dates: Sequence[datetime]) -> list[str]:
    """Return the ids of runs with these execution dates (UTC), numbered from `first_number`.

    Raises `InvalidRequest` when an id gets too long, or when a foreign run has used up the numbers of the prefix.
    """
    if first_number + len(dates) - 1 > _LAST_NUMBER:
        raise InvalidRequest(
            f"A run with the prefix {_shown(prefix)} has a number so high that none is left: send another prefix."
        )
    ids = [f"{stem(prefix, number)}_{text}" for number, text in enumerate(texts(dates), first_number)]
    longest = max(map(len, ids), default=0)
    if longest > MAX_LENGTH:
        raise InvalidRequest(
            f"prefix makes run ids of {longest} characters, but Airflow takes at most {MAX_LENGTH}: shorten it."
        )
    return ids


def parsed(run_id: str) -> tuple[Prefix, int]:
    """Return prefix and number of the run id of a batch; raises ValueError for other run ids."""
    found = _OF_BATCH.fullmatch(run_id)
    if found is None:
        raise ValueError(run_id)
    return Prefix(found["prefix"]), int(found["number"])


def _shown(prefix: str) -> str:
    return ascii(prefix if len(prefix) <= 40 else prefix[:40] + "...")
