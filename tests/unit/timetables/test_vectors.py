"""Every window that real Airflow listed (2.11.2, 3.1.8, 3.3.2 and 3.4.0b2, with croniter 7.0.0), run by run."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dagrun_api.errors import InvalidTimetable, UnlistableTimetable
from dagrun_api.model import TickRules
from dagrun_api.timetables import RunInfo, Timetable, decode

from .serialized import JSON, bare, from_vector

VECTORS = Path(__file__).parents[2] / "vectors"


def vectors(name: str) -> list[JSON]:
    with gzip.open(VECTORS / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def case_id(vector: JSON) -> str:
    return str(vector["id"])


SCHEDULES = vectors("schedule.jsonl.gz")
OF_3_3 = [
    {**vector, **vector["by_version"]["3.3.2"], "status": None}
    for vector in SCHEDULES
    if "3.3.2" in vector.get("by_version", {})
]
MANUAL = vectors("manual-intervals.jsonl.gz")

LOUDLY_REFUSED = {"multibad-0002"}
"""Airflow loads a list of crons with one that is invalid, and then lists nothing without a word."""


@pytest.mark.parametrize("vector", SCHEDULES, ids=case_id)
def test_a_window_lists_the_runs_that_airflow_lists(vector: JSON) -> None:
    check(vector)


@pytest.mark.parametrize("vector", OF_3_3, ids=case_id)
def test_a_window_lists_the_runs_that_airflow_3_3_lists(vector: JSON) -> None:
    check(vector, TickRules.SINCE_3_3)


def test_airflow_3_3_differs_in_stalled_windows_only() -> None:
    differing = {vector["id"] for vector in OF_3_3}
    for vector in SCHEDULES:
        if vector["id"] not in differing and "3.3.2" in vector["agrees_with"]:
            check(vector, TickRules.SINCE_3_3)


OF_3_4 = vectors("schedule-3.4.0b2.jsonl.gz")


@pytest.mark.parametrize("vector", OF_3_4, ids=case_id)
def test_a_window_lists_the_runs_that_airflow_3_4_lists(vector: JSON) -> None:
    check(vector, TickRules.SINCE_3_4)


def test_airflow_3_4_differs_in_skipped_local_times_only() -> None:
    differing = {vector["id"] for vector in OF_3_4}
    for vector in SCHEDULES:
        if vector["id"] not in differing and "3.3.2" in vector["agrees_with"]:
            check(vector, TickRules.SINCE_3_4)


OF_2_11 = [
    {**vector, **vector["by_version"]["2.11.2"]}
    for vector in SCHEDULES
    if vector["timetable"]["kind"] == "schedule_arg" and "2.11.2" in vector.get("by_version", {})
]


@pytest.mark.parametrize("vector", OF_2_11, ids=case_id)
def test_a_bare_schedule_lists_what_airflow_2_lists(vector: JSON) -> None:
    compare(vector, decode(bare(vector["timetable"]["schedule"]), vector["timezone"]))


def check(vector: JSON, rules: TickRules = TickRules.BEFORE_3_3) -> None:
    serialized = from_vector(vector["timetable"], vector["timezone"])
    continuous = vector["timetable"].get("schedule") == "@continuous"  # refused for the DAG's max_active_runs
    if ("expected_error" in vector and not continuous) or vector["id"] in LOUDLY_REFUSED:
        with pytest.raises(InvalidTimetable):
            decode(serialized, rules=rules)
        return
    timetable = decode(serialized, rules=rules)
    if is_unlistable(timetable):
        assert not vector.get("expected")
        with pytest.raises(UnlistableTimetable):
            timetable.between(*window(vector))
        return
    compare(vector, timetable)


def compare(vector: JSON, timetable: Timetable) -> None:
    runs = [rendered(run) for run in timetable.between(*window(vector))]
    assert runs[:60] == [tuple(run.values()) for run in vector["expected"]]
    assert len(runs) == vector["expected_count"]
    digest = hashlib.sha256("\n".join("|".join(run) for run in runs).encode()).hexdigest()
    assert digest[:32] == vector["expected_sha256"]
    if vector.get("status") == "nonterminating" or "swallowed_error" in vector:
        assert any(each.notes for each in timetable.stretches(*window(vector)))


def window(vector: JSON) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(vector[name]) for name in ("start", "end"))
    if "window_tz" in vector:
        zone = ZoneInfo(vector["window_tz"])
        return start.astimezone(zone), end.astimezone(zone)
    return start, end


def rendered(run: RunInfo) -> tuple[str, ...]:
    return tuple(moment.isoformat() for moment in run)


def is_unlistable(timetable: Timetable) -> bool:
    return timetable.unlistable is not None and "once" not in timetable.unlistable


@pytest.mark.parametrize("vector", MANUAL, ids=case_id)
def test_a_manual_run_has_the_interval_that_airflow_infers(vector: JSON) -> None:
    timetable = decode(from_vector(vector["timetable"], vector["timezone"]))
    at = datetime.fromisoformat(vector["run_after"])
    if "expected_error" in vector:
        with pytest.raises(UnlistableTimetable):
            timetable.infer_manual(at)
        return
    expected: tuple[Any, Any] = (vector["data_interval_start"], vector["data_interval_end"])
    assert tuple(moment.isoformat() for moment in timetable.infer_manual(at)) == expected
