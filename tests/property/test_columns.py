"""Converting whole columns gives the same as converting value after value."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dagrun_api.airflow.run_ids import build
from dagrun_api.model import Dag, DagRun, Prefix
from dagrun_api.web.schemas.columns import Listing
from dagrun_api.web.schemas.responses.dags import DagSchema
from dagrun_api.web.schemas.responses.runs import RunSchema
from dagrun_api_sqlite.timestamps import from_text, to_text, to_texts

INSTANTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
RUNS = st.lists(
    st.builds(
        DagRun,
        id=st.integers(1, 2**31),
        dag_id=TEXTS,
        run_id=TEXTS,
        state=TEXTS,
        execution_date=st.none() | INSTANTS,
        start_date=st.none() | INSTANTS,
        end_date=st.none() | INSTANTS,
        external_trigger=st.booleans(),
    )
)
DAGS = st.lists(
    st.builds(Dag, dag_id=st.text(), full_path=TEXTS, is_paused=st.booleans(), last_execution=st.none() | INSTANTS)
)


@given(RUNS)
def test_a_list_of_runs_is_what_the_schema_makes_of_each(runs: list[DagRun]) -> None:
    schema = RunSchema()
    assert Listing(schema).dump(runs) == [schema.dump(run) for run in runs]


@given(DAGS)
def test_a_list_of_dags_is_what_the_schema_makes_of_each(dags: list[Dag]) -> None:
    schema = DagSchema()
    assert Listing(schema).dump(dags) == [schema.dump(dag) for dag in dags]


@given(st.lists(INSTANTS))
def test_an_instant_is_shown_as_python_writes_it(instants: list[datetime]) -> None:
    runs = [DagRun(1, None, None, None, instant, None, None, external_trigger=False) for instant in instants]
    expected = [str(instant.replace(tzinfo=None)) for instant in instants]
    assert [row["execution_date"] for row in Listing(RunSchema()).dump(runs)] == expected


# The first and the last day may lie beyond the calendar in UTC.
@given(st.lists(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC) | st.timezones())))  # noqa: DTZ001
def test_instants_are_stored_as_airflow_writes_them(instants: list[datetime]) -> None:
    assert to_texts(instants) == [to_text(instant) for instant in instants]


@given(INSTANTS)
def test_a_stored_instant_is_read_back(instant: datetime) -> None:
    assert from_text(to_text(instant)) == instant


@given(st.lists(INSTANTS), st.integers(1, 10**12))
def test_run_ids_carry_the_date_as_python_writes_it(dates: list[datetime], first: int) -> None:
    expected = [f"etl_{number:07d}_{date.replace(tzinfo=None).isoformat()}" for number, date in enumerate(dates, first)]
    assert build(Prefix("etl"), first, dates) == expected
