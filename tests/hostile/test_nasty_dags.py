"""A serialized DAG is untrusted: it is read or refused, quickly and in little memory."""

from __future__ import annotations

import json
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings

from dagrun_api.airflow.serialized import MAX_SIZE
from dagrun_api.batches import schedules
from dagrun_api.errors import InvalidTimetable
from dagrun_api.model import SerializedDag
from tests.hostile.forms import ANY_PACE, REAL, compressed_forms, form_of, mutants, random_forms, read

SLOW = 10.0
"""Seconds for what takes milliseconds: only a hang takes longer."""

bounded = settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=ANY_PACE)


def in_time(form: SerializedDag) -> bool:
    begun = time.monotonic()
    was_read = read(form)
    assert time.monotonic() - begun < SLOW
    return was_read


@pytest.mark.parametrize("whole", REAL, ids=range(len(REAL)))
def test_what_airflow_wrote_is_read(whole: object) -> None:
    assert in_time(form_of(whole))
    assert in_time(SerializedDag("k", None, zlib.compress(json.dumps(whole).encode())))


@bounded
@given(random_forms)
def test_anything_at_all_is_read_or_refused(form: SerializedDag) -> None:
    in_time(form)


@bounded
@given(mutants())
def test_a_real_one_with_other_parts_is_read_or_refused(form: SerializedDag) -> None:
    in_time(form)


@bounded
@given(compressed_forms())
def test_a_damaged_compression_is_read_or_refused(form: SerializedDag) -> None:
    in_time(form)


@pytest.mark.parametrize(
    "text",
    [
        b" " * (65 * 1024 * 1024),
        b'{"dag": {"timetable": ' + b"[" * 2_000_000,
        b'{"dag": {"timetable": ' + b'{"__var": ' * 500_000,
        b'{"dag": {"schedule_interval": "' + b"*" * 60_000_000 + b'"}}',
        b'{"dag": {"schedule_interval": ' + b"9" * 1_000_000 + b"}}",
    ],
    ids=["blanks", "lists", "objects", "a cron", "an integer"],
)
def test_a_bomb_is_refused_however_small_it_was(text: bytes) -> None:
    bomb = zlib.compress(text, 9)
    assert len(bomb) < 100_000
    begun = time.monotonic()
    with pytest.raises(InvalidTimetable):
        schedules.read(SerializedDag("k", None, bomb))
    assert time.monotonic() - begun < SLOW


def peak_of(compressed: bytes) -> int:
    """Read what cannot be read, and return the most memory that this took."""
    tracemalloc.start()
    try:
        with pytest.raises(InvalidTimetable):
            schedules.read(SerializedDag("k", None, compressed))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_is_not_inflated_beyond_what_is_read() -> None:
    packing = zlib.compressobj()
    bomb = b"".join(packing.compress(b" " * 1_000_000) for _ in range(300)) + packing.flush()
    assert peak_of(bomb) < 2.5 * MAX_SIZE


@pytest.mark.parametrize("part", [b"[],", b"[[[[[[[[[[]]]]]]]]]],", b'{"a":1},', b"1,"])
def test_text_that_would_become_many_times_as_large_is_not_read(part: bytes) -> None:
    text = b'{"dag": {"tasks": [' + part * (60_000_000 // len(part)) + b"0]}}"
    assert peak_of(zlib.compress(text)) < 2.5 * MAX_SIZE
