"""The sentences of the service in the words of the shell."""

from __future__ import annotations

import pytest

from dagrun_api.cli.words import in_shell_words
from tests.unit.site import Site
from tests.unit.test_command_line import refusal


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "start_date 2018 is after end_date 2017 (an absent one means now): send them in order.",
            "--start 2018 is after --end 2017 (an absent one means now): give them in order.",
        ),
        (
            "2016 is before the start_date of the DAG, 2017, where Airflow would run no task: send a later start_date.",
            "2016 is before the start_date of the DAG, 2017, where Airflow would run no task: use a later --start.",
        ),
        (
            "20 runs are more than max_active_runs (16): … Send max_active_runs to limit the batch.",
            "20 runs are more than max_active_runs (16): … Use --max-active-runs to limit the batch.",
        ),
        (
            "leave it out, or let `dagrun-api create --max-active-runs N` or Client.backfill(max_active_runs=N) feed",
            "leave it out, or let `dagrun-api create --max-active-runs N` or Client.backfill(max_active_runs=N) feed",
        ),
        (
            "The body does not match its headers, or ended too early; send it again.",
            "The request does not match its headers, or ended too early; repeat the command.",
        ),
        ("Dag id 'send start_date' not found", "Dag id 'send start_date' not found"),
        ("No run has the prefix start", "No run has the prefix start"),
    ],
)
def test_keys_of_the_api_become_arguments(sentence: str, expected: str) -> None:
    assert in_shell_words(sentence) == expected


WIDE = ("--start", "2017-01-01", "--end", "2020-01-01")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["create", "hello", *WIDE],
            "The window holds more than 500 runs to create, so none was: use --all to create all of them, --partial "
            "for the earliest, or an earlier --end.",
        ),
        (["create", "hello", "--limit", "501"], "--limit cannot exceed 500"),
        (["create", "hello", "--prefix", "a b"], "--prefix 'a b' may only contain"),
        (["create", "hello", "--start", "x"], "--start 'x' is not a date; use one such as"),
        (
            ["create", "hello", "--end", "2016-01-01", "--start", "2017-01-01"],
            "--start 2017-01-01T00:00:00Z is after --end",
        ),
        (["create", "hello", *WIDE, "--max-active-runs", "1001"], "--max-active-runs must be at most 1000"),
        (["create", "hello", "--conf", '{"a": NaN}'], "The conf holds NaN"),
        (["runs", "--start", "x"], "--start 'x' is neither a number nor the id of a run: use one that was listed."),
        (["ticks", "hello", "--start", "x"], "--start 'x' is not a date; use one such as"),
    ],
)
def test_an_error_names_the_arguments_that_were_given(site: Site, arguments: list[str], sentence: str) -> None:
    assert refusal(site.folder, *arguments, "--url", site.url).startswith(sentence)


def test_a_batch_of_several_dags_is_narrowed_with_arguments(site: Site) -> None:
    for dag_id in ("hello", "season_2017"):
        site.ask("create", dag_id, "--prefix", "etl", "--start", "2017-04-01", "--end", "2017-04-29")
    assert site.ask("cancel", "etl").stderr.endswith("use --dag-id to choose one, or --all-dags for all of them.\n")


def test_a_date_that_is_listed_twice_is_named_so(site: Site) -> None:
    (site.folder / "dates").write_text("2017-01-01T12:00\n2017-01-01T12:00\n", "utf-8")
    assert site.ask("create", "hello", "--dates", "dates").stderr.startswith("dagrun-api: --dates names a date twice")
