"""Every form in which Airflow 1.10.15 to 3.3.2 stores a schedule, as found in their databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import FR, relativedelta

from dagrun_api.errors import InvalidTimetable, UnlistableTimetable
from dagrun_api.timetables import DataInterval, RunInfo, decode, versions

from .serialized import JSON, timetable

AMSTERDAM = "Europe/Amsterdam"
START, END = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 5, 8, tzinfo=UTC)
ASSET: JSON = {"uri": "s3://b/k", "name": "s3://b/k", "extra": {}, "group": "asset", "__type": "asset"}
DATASET: JSON = {"__type": "dataset_all", "objects": [{"__type": "dataset", "uri": "s3://b/k", "extra": None}]}
ON_WEDNESDAYS: JSON = timetable(
    "trigger.CronTriggerTimetable", interval=0.0, timezone="UTC", expression="0 1 * * 3", run_immediately=False
)["timetable"]
PARTS: JSON = dict.fromkeys(("years", "days", "leapdays", "hours", "minutes", "seconds", "microseconds"), 0)
SETTINGS: JSON = dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "microsecond"))

BARE = [
    ("30 6 * * *", 'CronDataIntervalTimetable "30 6 * * *" in Europe/Amsterdam', 7),
    ("@daily", 'CronDataIntervalTimetable "@daily" in Europe/Amsterdam', 7),
    ({"__var": 21600.0, "__type": "timedelta"}, "DeltaDataIntervalTimetable 6:00:00", 29),
    ({"__var": {"months": 1}, "__type": "relativedelta"}, "DeltaDataIntervalTimetable relativedelta(months=+1)", 1),
    (
        {"type": "timedelta", "attrs": {"days": 0, "seconds": 21600, "microseconds": 0}},
        "DeltaDataIntervalTimetable 6:00:00",
        29,
    ),
    (
        {"type": "relativedelta", "attrs": {"months": 1, **PARTS, **SETTINGS}},
        "DeltaDataIntervalTimetable relativedelta(months=+1)",
        1,
    ),
    ("@once", "OnceTimetable", 1),
]


@pytest.mark.parametrize(("schedule", "summary", "runs"), BARE)
def test_a_bare_schedule_is_a_data_interval(schedule: object, summary: str, runs: int) -> None:
    decoded = decode({"schedule_interval": schedule}, AMSTERDAM)
    assert decoded.summary == summary
    listed = list(decoded.between(START, END))
    assert len(listed) == runs
    assert all(run.run_after == run.data_interval_end for run in listed)


NAMED = [
    (
        timetable("interval.CronDataIntervalTimetable", expression="30 6 * * *", timezone=AMSTERDAM),
        'CronDataIntervalTimetable "30 6 * * *" in Europe/Amsterdam',
        (datetime(2024, 5, 1, 4, 30, tzinfo=UTC), datetime(2024, 5, 2, 4, 30, tzinfo=UTC)),
    ),
    (
        timetable("interval.DeltaDataIntervalTimetable", delta=5400.0),
        "DeltaDataIntervalTimetable 1:30:00",
        (START, START + timedelta(minutes=90)),
    ),
    (
        timetable("trigger.CronTriggerTimetable", expression="0 3 * * *", timezone=AMSTERDAM, interval=14400.0),
        'CronTriggerTimetable "0 3 * * *" in Europe/Amsterdam, interval 4:00:00',
        (datetime(2024, 4, 30, 21, tzinfo=UTC), datetime(2024, 5, 1, 1, tzinfo=UTC)),
    ),
    (
        timetable(
            "trigger.CronTriggerTimetable",
            interval={"months": 1},
            timezone="UTC",
            expression="@weekly",
            run_immediately=7200.0,
        ),
        'CronTriggerTimetable "@weekly" in UTC, interval relativedelta(months=+1)',
        (datetime(2024, 4, 5, tzinfo=UTC), datetime(2024, 5, 5, tzinfo=UTC)),
    ),
    (
        timetable("trigger.DeltaTriggerTimetable", delta=172800.0, interval=3600.0),
        "DeltaTriggerTimetable 2 days, 0:00:00, interval 1:00:00",
        (START - timedelta(hours=1), START),
    ),
    (
        timetable("trigger.DeltaTriggerTimetable", delta={"months": 1, "weekday": [4, -1]}, interval=0.0),
        "DeltaTriggerTimetable relativedelta(months=+1, weekday=FR(-1))",
        (START, START),
    ),
    (
        timetable(
            "trigger.MultipleCronTriggerTimetable",
            interval=3600.0,
            timezone=AMSTERDAM,
            expressions=["0 1 * * *", "0 5 * * 1"],
            run_immediately=False,
        ),
        'MultipleCronTriggerTimetable "0 1 * * *", "0 5 * * 1" in Europe/Amsterdam, interval 1:00:00',
        (datetime(2024, 5, 1, 22, tzinfo=UTC), datetime(2024, 5, 1, 23, tzinfo=UTC)),
    ),
    (
        timetable(
            "events.EventsTimetable",
            event_dates=["2024-05-01 00:00:00+00:00", "2024-06-01T00:00:00+00:00"],
            restrict_to_events=True,
        ),
        "EventsTimetable of 2 events",
        (START, START),
    ),
    (timetable("simple.OnceTimetable"), "OnceTimetable", (START, START)),
    (
        timetable("datasets.DatasetOrTimeSchedule", dataset_condition=DATASET, timetable=ON_WEDNESDAYS),
        'CronTriggerTimetable "0 1 * * 3" in UTC',
        (datetime(2024, 5, 1, 1, tzinfo=UTC),) * 2,
    ),
    (
        timetable("assets.AssetOrTimeSchedule", asset_condition=ASSET, timetable=ON_WEDNESDAYS),
        'CronTriggerTimetable "0 1 * * 3" in UTC',
        (datetime(2024, 5, 1, 1, tzinfo=UTC),) * 2,
    ),
]


@pytest.mark.parametrize(("serialized", "summary", "interval"), NAMED)
def test_a_named_timetable_is_read(serialized: JSON, summary: str, interval: tuple[datetime, datetime]) -> None:
    decoded = decode(serialized, "America/New_York")  # the timetable's own zone comes first
    assert decoded.summary == summary
    opening, closing = interval
    assert next(decoded.between(START, END)) == RunInfo(opening, opening, closing, closing)


UNLISTABLE: list[tuple[JSON, str]] = [
    ({"schedule_interval": None}, "only ever triggered"),
    ({"schedule_interval": "@continuous"}, "continuously"),
    ({"schedule_interval": "Dataset"}, "assets"),
    (timetable("simple.NullTimetable"), "only ever triggered"),
    (timetable("simple.ContinuousTimetable"), "continuously"),
    (timetable("simple.DatasetTriggeredTimetable", dataset_condition=DATASET), "assets"),
    (timetable("simple.AssetTriggeredTimetable", asset_condition=ASSET), "assets"),
    (timetable("simple.PartitionedAssetTimetable", asset_condition=ASSET, partition_mapper_config=[]), "partitions"),
    (timetable("simple.PartitionedAtRuntime"), "partitions"),
    (timetable("trigger.CronPartitionTimetable", expression="0 2 * * *", timezone="UTC"), "partitions"),
    ({"timetable": {"__type": "my_company.calendar.Workdays", "__var": {}}}, "my_company.calendar.Workdays"),
]


@pytest.mark.parametrize(("serialized", "reason"), UNLISTABLE)
def test_a_schedule_without_dates_says_so_at_the_call(serialized: JSON, reason: str) -> None:
    decoded = decode(serialized, AMSTERDAM)
    assert reason in (decoded.unlistable or "")
    with pytest.raises(UnlistableTimetable, match=reason):
        decoded.between(START, END)
    assert decoded.infer_manual(START) == DataInterval(START, START)


def test_once_lists_its_run_but_warns_of_wide_windows() -> None:
    decoded = decode(timetable("simple.OnceTimetable"))
    assert list(decoded.between(START, END)) == [RunInfo(START, START, START, START)]
    assert "once" in (decoded.unlistable or "")
    assert decode({"schedule_interval": "@daily"}).unlistable is None


@pytest.mark.parametrize(
    ("own", "dag", "expected"),
    [
        (AMSTERDAM, "America/New_York", 4),
        (None, "America/New_York", 10),
        (None, -5 * 3600, 11),
        (5 * 3600, None, 1),
        ("utc", None, 6),
        (None, None, 6),
    ],
)
def test_the_zone_is_the_timetables_or_the_dags(own: str | int | None, dag: str | int | None, expected: int) -> None:
    serialized = timetable("trigger.CronTriggerTimetable", expression="0 6 * * *", timezone=own)
    assert next(decode(serialized, dag).between(START, END)).run_after.hour == expected


def test_the_zone_of_the_serialized_dag_is_the_default() -> None:
    decoded = decode({"schedule_interval": "0 6 * * *", "timezone": AMSTERDAM})
    assert decoded.summary.endswith("Europe/Amsterdam")
    decoded = decode({"schedule_interval": "0 6 * * *", "timezone": AMSTERDAM}, -12600)
    assert decoded.summary.endswith("UTC-3:30:00")


def test_equal_serialized_forms_give_equal_timetables() -> None:
    serialized = NAMED[0][0]
    assert decode(serialized) == decode({"timetable": dict(reversed(serialized["timetable"].items()))})


def test_a_relativedelta_keeps_its_fields() -> None:
    fields: JSON = {"months": 1, "day": 31, "hour": 0, "weekday": [4, -1]}
    decoded = decode(timetable("interval.DeltaDataIntervalTimetable", delta=fields))
    assert decoded == decode({"schedule_interval": {"__type": "relativedelta", "__var": fields}})
    expected = relativedelta(months=1, day=31, hour=0, weekday=FR(-1))
    assert decoded.summary == f"DeltaDataIntervalTimetable {expected}"


REFUSED: list[JSON] = [
    {},
    {"timetable": None},
    {"timetable": "0 0 * * *"},
    {"timetable": {}},
    {"timetable": {"__type": 7, "__var": {}}},
    timetable("interval.CronDataIntervalTimetable"),
    timetable("interval.CronDataIntervalTimetable", expression=None, timezone="UTC"),
    timetable("interval.CronDataIntervalTimetable", expression="* * * * *", timezone="Mars/Olympus"),
    timetable("interval.CronDataIntervalTimetable", expression="* * * * *", timezone="../../../etc/passwd"),
    timetable("interval.CronDataIntervalTimetable", expression="* * * * *", timezone="/etc/localtime"),
    timetable("interval.CronDataIntervalTimetable", expression="* * * * *", timezone=86400),
    timetable("interval.CronDataIntervalTimetable", expression="* * * * *", timezone=1.5),
    timetable("interval.CronDataIntervalTimetable", expression="* * * * *", timezone=True),
    timetable("trigger.CronTriggerTimetable", expression="* * * * *", timezone="UTC", interval="1h"),
    timetable("trigger.MultipleCronTriggerTimetable", expressions=[], timezone="UTC"),
    timetable("trigger.MultipleCronTriggerTimetable", expressions="* * * * *", timezone="UTC"),
    timetable("trigger.MultipleCronTriggerTimetable", expressions=["* * * * *", "bad"], timezone="UTC"),
    timetable("trigger.MultipleCronTriggerTimetable", expressions=["* * * * *"] * 101, timezone="UTC"),
    timetable("events.EventsTimetable", event_dates="2024-05-01"),
    timetable("events.EventsTimetable", event_dates=["tomorrow"]),
    timetable("events.EventsTimetable", event_dates=[5]),
    timetable("events.EventsTimetable", event_dates=["0001-01-01T00:00:00+05:00"]),
    timetable("assets.AssetOrTimeSchedule", asset_condition=ASSET),
    {"schedule_interval": 5},
    {"schedule_interval": True},
    {"schedule_interval": ["0 0 * * *"]},
    {"schedule_interval": {"type": "timedelta", "attrs": {"fortnights": 1}}},
    {"schedule_interval": {"type": "timedelta", "attrs": {"days": "1"}}},
    {"schedule_interval": {"__type": "fortnight", "__var": 1}},
]


@pytest.mark.parametrize("serialized", REFUSED)
def test_what_is_no_schedule_is_refused(serialized: JSON) -> None:
    with pytest.raises(InvalidTimetable):
        decode(serialized)


CRONS_REFUSED = [
    "",
    " ",
    "0 0 * *",
    "0 0 * * * * * *",
    "60 * * * *",
    "* * 0 * *",
    "*/0 * * * *",
    "R * * * *",
    "R(1-5) * * * *",
    "* r/10 * * *",
    "H * * * *",
    "h(0-9)/3 * * * *",
    "0 0 12 ? * MON-FRI",
    "0 0 * * 5L",
    "0 0 L-3 * *",
    "0 0 LW * *",
    "0 0 15W,16 * *",
    "0 0 * * monday",
    "TZ=UTC 0 0 * * *",
    "CRON_TZ=UTC 0 0 * * *",
    "@reboot",
    "@every_minute",
    "@QUARTERLY",
    " @daily",
    "\u0661 * * * *",
    "? * * * *",
    "0 0 * * 1#6",
    "0 0 * * 1#1,2",
]


@pytest.mark.parametrize("cron", CRONS_REFUSED)
def test_a_cron_that_airflow_refuses_is_refused(cron: str) -> None:
    with pytest.raises(InvalidTimetable):
        decode({"schedule_interval": cron})


STEPS_REFUSED: list[object] = [
    0,
    -1.0,
    1e-9,
    float("nan"),
    float("inf"),
    1e13,
    1e300,
    10**400,
    None,
    True,
    "60",
    {},
    {"months": 0},
    {"days": -1},
    {"months": -1, "days": 20},
    {"hour": 0},
    {"day": 31},
    {"weekday": [0]},
    {"leapdays": 1},
    {"days": 1, "hour": 25},
    {"days": 1, "hour": 1.5},
    {"days": 1, "month": 13},
    {"days": 1, "weekday": [7]},
    {"days": 1, "weekday": []},
    {"days": 1, "weekday": "MO"},
    {"fortnights": 1},
    {"months": 1.5},
    {"days": float("nan")},
    {"years": 10**400},
    {"days": 10**400},
    {"days": 1, "year": 1999},
]


@pytest.mark.parametrize("delta", STEPS_REFUSED, ids=repr)
def test_a_step_that_does_not_lead_forward_is_refused(delta: object) -> None:
    with pytest.raises(InvalidTimetable):
        decode(timetable("interval.DeltaDataIntervalTimetable", delta=delta))


def test_the_versions_that_a_list_depends_on_are_known() -> None:
    assert set(versions()) == {"croniter", "tzdata"}
    assert all(version[0].isdigit() for version in versions().values())
