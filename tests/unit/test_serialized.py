"""A DAG's serialized form, which anybody may have damaged."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from dagrun_api.airflow.serialized import MAX_SIZE, bounds, catchup, depends_on_past, parse
from dagrun_api.errors import InvalidTimetable
from dagrun_api.model import SerializedDag


def day(number: int) -> float:
    return datetime(2017, 1, number, tzinfo=UTC).timestamp()


def test_it_is_read_as_text_as_bytes_and_compressed() -> None:
    text = '{"dag": {"timezone": "UTC"}}'
    for form in (SerializedDag("k", text), SerializedDag("k", text.encode())):
        assert parse(form) == {"timezone": "UTC"}
    assert parse(SerializedDag("k", None, zlib.compress(text.encode()))) == {"timezone": "UTC"}


@pytest.mark.parametrize(
    "form",
    [
        SerializedDag("k", ""),
        SerializedDag("k", "{"),
        SerializedDag("k", "[]"),
        SerializedDag("k", "{}"),
        SerializedDag("k", '{"dag": 1}'),
        SerializedDag("k", "[" * 100_000),
        SerializedDag("k", b"\xff"),
        SerializedDag("k", None),
        SerializedDag("k", None, b"not zlib"),
        SerializedDag("k", None, zlib.compress(b" " * (MAX_SIZE + 1))),
        SerializedDag("k", " " * (MAX_SIZE + 1)),
    ],
    ids=range(11),
)
def test_damage_and_bombs_are_refused(form: SerializedDag) -> None:
    with pytest.raises(InvalidTimetable):
        parse(form)


BOUNDS: list[tuple[dict[str, Any], tuple[int | None, int | None]]] = [
    ({}, (None, None)),
    ({"start_date": day(2), "end_date": day(9)}, (2, 9)),
    ({"start_date": {"__type": "datetime", "__var": day(2)}}, (2, None)),
    ({"start_date": True, "end_date": "soon"}, (None, None)),
    # A task with dates of its own narrows only what no other task leaves open.
    ({"tasks": [{"start_date": day(3)}, {"start_date": day(5)}]}, (3, None)),
    ({"tasks": [{"start_date": day(3)}, {}]}, (None, None)),
    ({"start_date": day(2), "tasks": [{"start_date": day(4)}, {}]}, (2, None)),
    ({"start_date": day(2), "tasks": [{"start_date": day(4)}, {"start_date": day(6)}]}, (4, None)),
    ({"tasks": [{"__type": "operator", "__var": {"start_date": day(3), "end_date": day(5)}}]}, (3, 5)),
    ({"end_date": day(9), "tasks": [{"end_date": day(4)}, {"end_date": day(6)}]}, (None, 6)),
    ({"tasks": ["nonsense", None, 7, {"__var": []}]}, (None, None)),
]


@pytest.mark.parametrize(("dag", "expected"), BOUNDS)
def test_the_bounds_are_where_a_task_would_run(dag: dict[str, Any], expected: tuple[int | None, int | None]) -> None:
    dates = tuple(datetime(2017, 1, number, tzinfo=UTC) if number else None for number in expected)
    assert bounds(json.loads(json.dumps(dag))) == dates


@pytest.mark.parametrize("value", [1e300, -1e300, 1e18])
def test_a_date_beyond_the_calendar_is_damage(value: float) -> None:
    with pytest.raises(InvalidTimetable):
        bounds({"start_date": value})


@pytest.mark.parametrize(
    ("dag", "expected"),
    [
        ({"catchup": True, "dag_id": "x"}, True),
        ({"catchup": False, "_dag_id": "x"}, False),
        # Left out where it is the default: true in 1.10 and 2, false in 3.
        ({"_dag_id": "x"}, True),
        ({"dag_id": "x"}, False),
        ({"dag_id": "x", "catchup": "yes"}, False),
        ({}, False),
    ],
)
def test_catchup_that_is_left_out_is_the_default_of_airflow(dag: dict[str, Any], expected: bool) -> None:
    assert catchup(dag) is expected


PASTS: list[tuple[object, bool]] = [
    ([{}, {"depends_on_past": True}], True),
    ([{"depends_on_past": False}], False),
    ([{"__type": "operator", "__var": {"depends_on_past": True}}], True),
    ([{"__type": "operator", "__var": {"partial_kwargs": {"depends_on_past": True}}}], True),
    ([{"_is_mapped": True, "partial_kwargs": {"__type": "dict", "__var": {"depends_on_past": True}}}], True),
    ([{"_is_mapped": True, "partial_kwargs": {"retries": 1}}], False),
    (["nonsense", None, 7, {"__var": []}, {"partial_kwargs": []}, {"depends_on_past": "yes"}], False),
    ({"depends_on_past": True}, False),
]


@pytest.mark.parametrize(("tasks", "expected"), PASTS)
def test_one_task_that_depends_on_the_past_is_enough(tasks: object, expected: bool) -> None:
    assert depends_on_past({"tasks": tasks}) is expected
