"""Serialized DAGs that somebody damaged, by chance or on purpose, and what reading them must come to."""

from __future__ import annotations

import json
import random
import zlib
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck
from hypothesis import strategies as st

from dagrun_api.batches import schedules
from dagrun_api.errors import InvalidTimetable, TimetableError
from dagrun_api.model import SerializedDag, TickRules

__all__ = ["ANY_PACE", "REAL", "compressed_forms", "form_of", "mutants", "random_forms", "read"]

REAL = [json.loads(line) for line in (Path(__file__).parent / "serialized.jsonl").read_text("utf-8").splitlines()]
"""As Airflow 1.10.15 to 3.3.2 wrote them, of one DAG for each kind of schedule."""

ANY_PACE = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
]
"""Drawing these takes as long as it takes."""

_WINDOWS = (
    (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)),
    (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
)
_CRON_LETTERS = "0123456789*/,-#LW?@ \t\nHMONJANSUNrhy\0é٣"


def read(form: SerializedDag) -> bool:
    """Read a form and list from it; whether it could be read. Any error but ours comes out."""
    try:
        schedule = schedules.read(form, TickRules.SINCE_3_4)
    except InvalidTimetable as error:
        _check_sentence(error)
        return False
    timetable = schedule.timetable
    assert len(timetable.summary) < 10_000
    for start, end in _WINDOWS:
        try:
            list(islice(timetable.between(start, end), 20))
            timetable.infer_manual(start.replace(year=2020))
        except TimetableError as error:
            _check_sentence(error)
    return True


def _check_sentence(error: TimetableError) -> None:
    assert len(str(error)) < 1000


def form_of(value: object) -> SerializedDag:
    """A form as the database has it."""
    return SerializedDag("k", json.dumps(value))


_scalars: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=20),
    st.text(_CRON_LETTERS, max_size=40),
    st.sampled_from(
        ["@daily", "* * * * *", "UTC", "Europe/Berlin", "0 0 31 2 *", "* * * * * *", "9" * 400, "x" * 5_000]
    ),
    st.sampled_from([1e300, -1e300, 10**400, 2**63, 1e-300, 0, -0.0]),
)
_keys = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        "__type __var timetable schedule_interval timezone start_date end_date tasks expression expressions interval "
        "delta event_dates months weekday bymonth days dag".split()
    ),
)
_values: st.SearchStrategy[object] = st.recursive(
    _scalars,
    lambda inner: cast(
        "st.SearchStrategy[object]", st.one_of(st.lists(inner, max_size=5), st.dictionaries(_keys, inner, max_size=6))
    ),
    max_leaves=12,
)
_dags = st.dictionaries(
    st.sampled_from(["timetable", "schedule_interval", "timezone", "start_date", "end_date", "tasks"]), _values
)


def _of_anything(value: object) -> SerializedDag:
    return form_of({"dag": value})


random_forms: st.SearchStrategy[SerializedDag] = st.one_of(
    _values.map(form_of),
    _dags.map(_of_anything),
    st.binary(max_size=200).map(lambda data: SerializedDag("k", data)),
)
"""JSON that has some of the words of a serialized DAG, or none."""


@st.composite
def mutants(draw: st.DrawFn) -> SerializedDag:
    """A real one, of which some parts are others."""
    value = json.loads(json.dumps(draw(st.sampled_from(REAL))))
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311
    for _ in range(draw(st.integers(1, 4))):
        places = _places(value)
        if not places:
            break
        holder, key = chance.choice(places)
        if chance.random() < 0.2:
            del holder[key]
        else:
            holder[key] = draw(_values)
    return form_of(value)


@st.composite
def compressed_forms(draw: st.DrawFn) -> SerializedDag:
    """A real one, compressed, and then cut, or with other bytes in it, or both."""
    data = bytearray(zlib.compress(json.dumps(draw(st.sampled_from(REAL))).encode()))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    kept = draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))
    return SerializedDag("k", None, bytes(data[:kept]) + draw(st.binary(max_size=8)))


def _places(value: object) -> list[tuple[Any, Any]]:
    """Every place in a value where another could stand: what holds it, and its key there."""
    found: list[tuple[Any, Any]] = []

    def visit(each: object) -> None:
        if isinstance(each, dict | list):
            held = cast("dict[Any, object] | list[object]", each)
            keys = list(held) if isinstance(held, dict) else list(range(len(held)))
            for key in keys:
                found.append((held, key))
                visit(held[key])

    visit(value)
    return found
