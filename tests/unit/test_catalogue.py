"""The catalogue: what it accepts, and the errors that mistakes give."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dagrun_api.catalogue import load
from dagrun_api.errors import ConfigurationError
from dagrun_api.model import CatalogueDag
from dagrun_api.timetables import decode

EXAMPLE = Path(__file__).parents[2] / "config" / "dags.toml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dags.toml"


def one(path: Path, text: str) -> dict[str, Any]:
    """Return the serialized form of a DAG with these keys."""
    path.write_text(f'[[dag]]\ndag_id = "x"\n{text}\n', "utf-8")
    (dag,) = load(path)
    return json.loads(dag.serialized)["dag"]  # type: ignore[no-any-return]


def timetable(path: Path, text: str) -> tuple[str, dict[str, Any]]:
    """Return the end of the timetable's name, and its arguments."""
    found = one(path, text)["timetable"]
    return found["__type"].removeprefix("airflow.timetables."), found["__var"]


def refusal(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


# --- valid catalogues ---


def test_the_example_has_every_kind_of_schedule() -> None:
    dags = {dag.dag_id: json.loads(dag.serialized)["dag"] for dag in load(EXAMPLE)}
    assert set(dags) >= {"hello", "amsterdam_orders"}
    kinds = {dag["timetable"]["__type"].rpartition(".")[2] for dag in dags.values()}
    assert kinds == {
        "CronDataIntervalTimetable",
        "CronTriggerTimetable",
        "DeltaDataIntervalTimetable",
        "DeltaTriggerTimetable",
        "OnceTimetable",
        "NullTimetable",
    }
    for dag in dags.values():
        decode(dag, dag["timezone"])


def test_a_dag_needs_only_an_id(path: Path) -> None:
    path.write_text('[[dag]]\ndag_id = "x"\n', "utf-8")
    serialized = (
        '{"dag":{"catchup":false,"tasks":[],'
        '"timetable":{"__type":"airflow.timetables.simple.NullTimetable","__var":{}},"timezone":"UTC"}}'
    )
    assert load(path) == (CatalogueDag("x", "dags/x.py", paused=False, serialized=serialized),)


def test_every_key_has_its_effect(path: Path) -> None:
    path.write_text(
        """
        [[dag]]
        dag_id = "hello"
        schedule = "0 12 * * *"
        timezone = "Europe/Amsterdam"
        timetable = "interval"
        start_date = 2017-01-01T00:00:00Z
        end_date = 2030-01-01T00:00:00+01:00
        full_path = "over/there.py"
        paused = true
        """,
        "utf-8",
    )
    (dag,) = load(path)
    assert (dag.dag_id, dag.full_path, dag.paused) == ("hello", "over/there.py", True)
    assert json.loads(dag.serialized) == {
        "dag": {
            "catchup": False,
            "tasks": [],
            "timetable": {
                "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
                "__var": {"expression": "0 12 * * *", "timezone": "Europe/Amsterdam"},
            },
            "timezone": "Europe/Amsterdam",
            "start_date": datetime(2017, 1, 1, tzinfo=UTC).timestamp(),
            "end_date": datetime(2029, 12, 31, 23, tzinfo=UTC).timestamp(),
        }
    }


def test_the_order_of_the_keys_does_not_matter(path: Path) -> None:
    texts = ['schedule = "@daily"\ntimezone = "UTC"', 'timezone = "UTC"\nschedule = "@daily"']
    assert len({json.dumps(one(path, text)) for text in texts}) == 1


def test_the_order_of_the_file_is_kept(path: Path) -> None:
    path.write_text("".join(f'[[dag]]\ndag_id = "{name}"\n' for name in "bca"), "utf-8")
    assert [dag.dag_id for dag in load(path)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("text", "name", "variables"),
    [
        ('schedule = "@daily"', "interval.CronDataIntervalTimetable", {"expression": "@daily", "timezone": "UTC"}),
        (
            'schedule = "30 6 * * 1-5"\ntimetable = "trigger"\ntimezone = "Asia/Tokyo"',
            "trigger.CronTriggerTimetable",
            {"expression": "30 6 * * 1-5", "timezone": "Asia/Tokyo", "interval": 0.0, "run_immediately": False},
        ),
        ("schedule = { seconds = 86400 }", "interval.DeltaDataIntervalTimetable", {"delta": 86400.0}),
        ("schedule = { minutes = 1.5 }", "interval.DeltaDataIntervalTimetable", {"delta": 90.0}),
        (
            "schedule = { weeks = 1, days = 1, hours = 1, minutes = 1, seconds = 1 }",
            "interval.DeltaDataIntervalTimetable",
            {"delta": 694861.0},
        ),
        (
            'schedule = { hours = 6 }\ntimetable = "trigger"',
            "trigger.DeltaTriggerTimetable",
            {"delta": 21600.0, "interval": 0.0},
        ),
        ("schedule = { months = 1 }", "interval.DeltaDataIntervalTimetable", {"delta": {"months": 1}}),
        (
            "schedule = { years = 1, weeks = 2, days = 3 }",
            "interval.DeltaDataIntervalTimetable",
            {"delta": {"years": 1, "days": 17}},
        ),
        ('schedule = "@once"', "simple.OnceTimetable", {}),
        ('schedule = "@once"\ntimetable = "trigger"', "simple.OnceTimetable", {}),
        ("", "simple.NullTimetable", {}),
    ],
)
def test_a_schedule_is_serialized_as_airflow_does_it(
    path: Path, text: str, name: str, variables: dict[str, Any]
) -> None:
    assert timetable(path, text) == (name, variables)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2017-03-01", datetime(2017, 3, 1, tzinfo=UTC)),
        ("2017-03-01T06:00:00", datetime(2017, 3, 1, 6, tzinfo=UTC)),
        ("2017-03-01 06:00:00.5", datetime(2017, 3, 1, 6, 0, 0, 500000, tzinfo=UTC)),
        ("2017-03-01T06:00:00+02:00", datetime(2017, 3, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_date_without_an_offset_is_utc(path: Path, text: str, instant: datetime) -> None:
    assert one(path, f'timezone = "Asia/Tokyo"\nstart_date = {text}')["start_date"] == instant.timestamp()


def test_a_byte_order_mark_is_accepted(path: Path) -> None:
    path.write_text('\ufeff[[dag]]\ndag_id = "x"\n', "utf-8")
    assert load(path)[0].dag_id == "x"


# --- mistakes ---


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ('shedule = "@daily"', "shedule", "it is unknown; the known keys are dag_id, schedule"),
        ("schedule = 5", "schedule", "it must be a cron expression in quotes"),
        ('schedule = ["@daily"]', "schedule", "it must be a cron expression in quotes"),
        ("schedule = true", "schedule", "it must be a cron expression in quotes"),
        ("schedule = {}", "schedule", "it must contain a duration"),
        (
            "schedule = { fortnights = 1 }",
            "schedule",
            "fortnights is unknown; the known units are years, months, weeks",
        ),
        ("schedule = { hours = 0 }", "schedule", "hours must be a number greater than 0"),
        ("schedule = { hours = -1 }", "schedule", "hours must be a number greater than 0"),
        ("schedule = { hours = nan }", "schedule", "hours must be a number greater than 0"),
        ("schedule = { hours = inf }", "schedule", "hours must be a number greater than 0"),
        ("schedule = { hours = true }", "schedule", "hours must be a number greater than 0"),
        ('schedule = { hours = "1" }', "schedule", "hours must be a number greater than 0"),
        ("schedule = { months = 1, days = 0.5 }", "schedule", "a duration with months or years must consist of whole"),
        ('timetable = "daily"', "timetable", 'it must be "interval" or "trigger"'),
        ("timetable = 1", "timetable", "it must be a string"),
        ('timezone = "Europe/Amsterdm"', "timezone", "'Europe/Amsterdm' is not a time zone"),
        ('timezone = "Europe"', "timezone", "'Europe' is not a time zone"),
        ('timezone = "../etc/passwd"', "timezone", "'../etc/passwd' is not a time zone"),
        ('timezone = ""', "timezone", "'' is not a time zone"),
        ("timezone = 3600", "timezone", "it must be a string"),
        ('start_date = "2017-01-01"', "start_date", "it must be a date and time without quotes"),
        ("start_date = 2017", "start_date", "it must be a date and time without quotes"),
        ("end_date = 12:00:00", "end_date", "it must be a date and time without quotes"),
        ("start_date = 2017-01-02\nend_date = 2017-01-01", "end_date", "it is before start_date"),
        ('full_path = ""', "full_path", "it must be 1 to 2000 printable characters"),
        ('full_path = "a\\u0000b"', "full_path", "it must be 1 to 2000 printable characters"),
        ("full_path = 1", "full_path", "it must be a string"),
        ('paused = "yes"', "paused", "it must be true or false"),
        ("paused = 1", "paused", "it must be true or false"),
    ],
)
def test_the_error_names_the_file_the_dag_and_the_key(path: Path, text: str, key: str, what: str) -> None:
    message = refusal(path, f'[[dag]]\ndag_id = "fine"\n[[dag]]\ndag_id = "x"\n{text}\n')
    assert message.startswith(f"The catalogue FILE, DAG x, key {key}: {what}")


@pytest.mark.parametrize(
    "schedule", ["", " ", "hello", "* * *", "61 * * * *", "@fortnightly", "* * * * * * * *", "\\u0000"]
)
def test_a_schedule_that_airflow_refuses_is_refused(path: Path, schedule: str) -> None:
    for way in ("interval", "trigger"):
        message = refusal(path, f'[[dag]]\ndag_id = "x"\ntimetable = "{way}"\nschedule = "{schedule}"\n')
        assert message.startswith("The catalogue FILE, DAG x, key schedule: ")
        assert message.endswith(".")
        assert not message.endswith("..")


@pytest.mark.parametrize("dag_id", ["", " ", "a b", "a/b", "ä", "a" * 251, "a\\n", "a%"])
def test_an_id_that_airflow_refuses_is_refused(path: Path, dag_id: str) -> None:
    message = refusal(path, f'[[dag]]\ndag_id = "{dag_id}"\n')
    assert message.startswith("The catalogue FILE, [[dag]] number 1, key dag_id: it must be 1 to 250 ")


def test_the_longest_id_is_accepted(path: Path) -> None:
    path.write_text(f'[[dag]]\ndag_id = "{"a" * 250}"\n', "utf-8")
    assert len(load(path)[0].dag_id) == 250


def test_a_dag_without_an_id_is_named_by_its_number(path: Path) -> None:
    message = refusal(path, '[[dag]]\ndag_id = "x"\n[[dag]]\npaused = true\n')
    assert message.startswith("The catalogue FILE, [[dag]] number 2, key dag_id: ")
    assert "key dag_id: it must be a string" in refusal(path, "[[dag]]\ndag_id = 1\n")


def test_two_dags_with_the_same_id_are_refused(path: Path) -> None:
    message = refusal(path, '[[dag]]\ndag_id = "x"\n[[dag]]\ndag_id = "x"\n')
    assert message == "The catalogue FILE, DAG x, key dag_id: x appears twice."


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", " has no [[dag]] table"),
        ("dag = []", " has no [[dag]] table"),
        ('[dag]\ndag_id = "x"', " has no [[dag]] table"),
        ("dag = [1]", ": every item of dag must be a [[dag]] table"),
        ('[[dags]]\ndag_id = "x"', " has an unknown key dags"),
        ('title = "mine"\n[[dag]]\ndag_id = "x"', " has an unknown key title"),
        ("[[dag]\n", " is not valid TOML: "),
        ('[[dag]]\ndag_id = "x"\ndag_id = "y"', " is not valid TOML: "),
        ("x = " + "[" * 100_000, " is not valid TOML: "),
    ],
)
def test_a_file_that_is_not_a_catalogue_is_refused(path: Path, text: str, what: str) -> None:
    assert refusal(path, text).startswith(f"The catalogue FILE{what}")


def test_an_unreadable_file_is_refused(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file or directory\.$"):
        load(path)
    with pytest.raises(ConfigurationError, match=r"cannot be read: Is a directory\.$"):
        load(path.parent)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"is not encoded in UTF-8"):
        load(path)
