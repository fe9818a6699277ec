"""`make airflow-facts`: what it writes from a dump, and what it finds to differ between two releases."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.airflow.facts.choice import ChoiceError, choose
from tests.airflow.facts.definitions import from_dump, from_sqlite, keys_left_out, tables_left_out
from tests.airflow.facts.differences import Difference, Kind, differences, read_tables
from tests.databases.schemas import RELEASES, ddl, sqlite_database

ROOT = Path(__file__).parents[2]

DUMP = """\
--
-- PostgreSQL database dump
--

\\restrict qRpgV0mLSyM27eUyargnRJ6y1vfsp1hJoQnvNGtiAPc4yCAQwV2GDWVoPDS2Pcu

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: asset; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.asset (
    id integer NOT NULL
);


CREATE TABLE public.dag_run (
    id integer NOT NULL,
    run_after timestamp with time zone CONSTRAINT dag_run_logical_date_not_null NOT NULL
);


CREATE SEQUENCE public.asset_id_seq
    AS integer
    START WITH 1;


ALTER SEQUENCE public.asset_id_seq OWNED BY public.asset.id;


CREATE SEQUENCE public.dag_run_id_seq
    AS integer
    START WITH 1;


ALTER SEQUENCE public.dag_run_id_seq OWNED BY public.dag_run.id;


ALTER TABLE ONLY public.dag_run ALTER COLUMN id SET DEFAULT nextval('public.dag_run_id_seq'::regclass);


CREATE INDEX dag_id_state ON public.dag_run USING btree (dag_id, state);


ALTER TABLE ONLY public.dag_run
    ADD CONSTRAINT dag_run_asset_fkey FOREIGN KEY (asset_id) REFERENCES public.asset(id);
"""


def between(known: str, new: str) -> list[Difference]:
    """What differs between the files of two releases."""
    return differences(read_tables(ddl(known, "postgres")), read_tables(ddl(new, "postgres")))


def test_of_a_dump_the_tables_that_matter_stay() -> None:
    assert from_dump(DUMP).splitlines() == [
        "CREATE TABLE public.dag_run (",
        "    id integer NOT NULL,",
        "    run_after timestamp with time zone NOT NULL",
        ");",
        "CREATE SEQUENCE public.dag_run_id_seq AS integer START WITH 1;",
        "ALTER SEQUENCE public.dag_run_id_seq OWNED BY public.dag_run.id;",
        "ALTER TABLE ONLY public.dag_run ALTER COLUMN id SET DEFAULT nextval('public.dag_run_id_seq'::regclass);",
        "CREATE INDEX dag_id_state ON public.dag_run USING btree (dag_id, state);",
    ]


def test_what_is_left_out_is_told() -> None:
    assert tables_left_out(DUMP) == ["asset"]
    assert keys_left_out(DUMP) == {"dag_run.dag_run_asset_fkey": "FOREIGN KEY (asset_id) REFERENCES public.asset(id)"}


@pytest.mark.parametrize("release", RELEASES)
def test_the_files_are_as_the_command_writes_them(release: str, tmp_path: Path) -> None:
    assert from_dump(ddl(release, "postgres")) == ddl(release, "postgres")
    (tmp_path / "airflow.db").write_bytes(sqlite_database(release))
    assert from_sqlite(tmp_path / "airflow.db") == ddl(release, "sqlite")


def test_what_airflow_3_4_changed_is_found() -> None:
    found = between("3.3.2", "3.4.0b2")
    for expected in (
        Difference(Kind.LOST_TABLE, "xcom", ""),
        Difference(Kind.NEW_TABLE, "xcom_v1", ""),
        Difference(Kind.NEW_COLUMN, "dag", "is_draining boolean DEFAULT false NOT NULL"),
        Difference(Kind.LOST_COLUMN, "dag_run", "span_status"),
        Difference(Kind.UNIQUE, "task_instance", "- UNIQUE (dag_id, task_id, run_id, map_index)"),
        Difference(Kind.CHECK, "dag", "+ CHECK ((NOT (is_paused AND is_draining)))"),
        Difference(Kind.INDEX, "log", "+ btree (team_name)"),
    ):
        assert expected in found


def test_what_airflow_3_changed_is_found() -> None:
    found = between("2.11.2", "3.0.6")
    for expected in (
        Difference(Kind.REQUIRED, "dag_run", "run_after timestamp with time zone NOT NULL"),
        Difference(Kind.LOST_COLUMN, "dag_run", "execution_date"),
        Difference(Kind.CHANGED_COLUMN, "dag_run", "conf bytea -> jsonb"),
        Difference(Kind.UNIQUE, "dag_run", "+ UNIQUE (dag_id, logical_date)"),
        Difference(Kind.FOREIGN_KEY, "dag", "+ FOREIGN KEY (bundle_name) REFERENCES public.dag_bundle(name)"),
    ):
        assert expected in found


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_does_not_differ_from_itself(release: str) -> None:
    assert between(release, release) == []


def test_a_number_from_a_sequence_is_not_required() -> None:
    assert read_tables(ddl("3.3.2", "postgres"))["log"].columns["id"].startswith("integer NOT NULL DEFAULT nextval(")


def test_an_unknown_release_is_like_its_nearest_relative() -> None:
    newer, older = choose("3.5.0rc1", newest="2027-03-01"), choose("2.2.5", "2022-04-20", "3.8")
    assert (newer.newest, newer.is_prerelease, newer.generation) == ("2027-03-01", True, choose("3.4.0b2").generation)
    assert (older.python_range, older.generation.commands.migrate) == (">=3.8,<3.9", ("db", "init"))


@pytest.mark.parametrize("asked", [("3.x", "", ""), ("3.5.0", "tomorrow", ""), ("3.5.0", "", "three")])
def test_what_is_no_release_is_answered_with_an_example(asked: tuple[str, str, str]) -> None:
    with pytest.raises(ChoiceError, match="make airflow-facts RELEASE="):
        choose(*asked)


def test_without_a_release_make_asks_for_one() -> None:
    command = ["make", "--old-file", ".venv/.dev", "airflow-facts", "RELEASE="]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode
    assert answer.stderr.splitlines()[0] == "Say which Airflow release: make airflow-facts RELEASE=3.5.0"
