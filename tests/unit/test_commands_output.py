"""What the commands print: tables that fit a terminal, JSON and CSV for programs, and with `--quiet` no notes."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess

import pytest

from dagrun_api_pytest import Server
from tests.unit.site import Site
from tests.unit.test_command_line import ENVIRON, command
from tests.unit.test_commands import WINDOW

CREATE = ("create", "hello", "-p", "etl", *WINDOW)
FIRST_RUN = "etl_0000001_2017-01-01T12:00:00"


def rows(site: Site, *arguments: str, status: int = 0) -> list[dict[str, str]]:
    """Return the rows of a CSV document, by the names of its header."""
    done = site.ask(*arguments, "-o", "csv")
    assert done.returncode == status, done.stderr
    lines = done.stdout.split("\r\n")
    assert lines[-1] == ""
    assert not any("\n" in line for line in lines)
    return list(csv.DictReader(io.StringIO(done.stdout, newline=""), strict=True))


def terminal(site: Site, *arguments: str, columns: int = 80) -> str:
    """Return what a command prints on a terminal of this width."""
    main, other = pty.openpty()
    environ = ENVIRON | {"COLUMNS": str(columns), "TERM": "xterm", "DAGRUN_API_URL": site.url}
    subprocess.run(command(*arguments), stdout=other, stderr=subprocess.PIPE, env=environ, cwd=site.folder, check=True)
    os.close(other)
    shown = b""
    # On Linux, reading from a terminal without a writer is an error.
    try:
        while part := os.read(main, 65536):
            shown += part
    except OSError:
        pass
    os.close(main)
    return shown.decode().replace("\r\n", "\n")


# --- CSV ---


def test_each_list_can_be_read_as_csv(site: Site) -> None:
    assert site.ask(*CREATE).returncode == 0
    assert rows(site, "dags")[2] == {
        "dag_id": "hello",
        "is_active": "true",
        "is_draining": "false",
        "last_execution": "2017-01-03T12:00:00+00:00",
        "full_path": "dags/hello.py",
        "schedule": "0 12 * * *",
        "next_run_after": "",
    }
    assert rows(site, "runs", "-n", "1") == [
        {
            "id": "1",
            "dag_id": "hello",
            "run_id": FIRST_RUN,
            "state": "queued",
            "execution_date": "2017-01-01T12:00:00+00:00",
            "start_date": "",
            "end_date": "",
            "external_trigger": "true",
        }
    ]
    assert rows(site, "batches") == rows(site, "batch", "etl")
    assert [row["run_id"] for row in rows(site, "latest")] == ["etl_0000003_2017-01-03T12:00:00"]
    assert [row["state"] for row in rows(site, "ticks", "hello", "-s", "2017-01-03", "-e", "2017-01-04")] == [
        "queued",
        "missing",
    ]


def test_one_value_is_one_row_of_csv(site: Site) -> None:
    site.ask(*CREATE)
    (dag,) = rows(site, "dag", "hello")
    assert (dag["schedule"], dag["active_runs"], dag["end_date"]) == ("0 12 * * *", "3", "")
    assert [run["state"] for run in rows(site, "run", FIRST_RUN)] == ["queued"]
    (batch,) = rows(site, "batch", "etl")
    assert (batch["prefix"], batch["dag_id"], batch["queued"], batch["is_paused"]) == ("etl", "hello", "3", "false")
    assert batch.keys() > site.document("batch", "etl")["batch"]["dags"][0].keys() - {"states"}


def test_each_action_is_a_row_of_csv(site: Site) -> None:
    assert rows(site, *CREATE, "--dry-run")[0]["run_id"] == FIRST_RUN
    created = rows(site, *CREATE)
    assert created[0] == {"dag_id": "hello", "run_id": FIRST_RUN, "outcome": "created"}
    assert [row["outcome"] for row in rows(site, *CREATE)] == ["skipped"] * 3
    assert rows(site, "pause", "hello") == [{"dag_id": "hello", "is_paused": "true"}]
    assert rows(site, "pause-batch", "etl") == [{"prefix": "etl", "is_paused": "true"}]
    assert rows(site, "cancel", "etl", "--dry-run")[0]["queued"] == "3"
    assert rows(site, "cancel", "etl") == [{"prefix": "etl", "cancelled": "3", "started": "0", "ended": "0"}]


def test_commas_and_quotes_survive_csv(site: Site) -> None:
    with site.changing() as database:
        database.execute("UPDATE dag SET fileloc = ? WHERE dag_id = 'hello'", ['/a, "b"\n/c'])
    text = site.ask("dags", "-o", "csv").stdout
    paths = {row["dag_id"]: row["full_path"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert paths["hello"] == '/a, "b"\n/c'


def test_a_long_list_has_one_header(site: Site) -> None:
    site.ask("create", "hello", "--start", "2017-01-01", "--end", "2017-12-30")
    assert [row["id"] for row in rows(site, "runs", "--all")] == [str(number) for number in range(1, 365)]


def test_waiting_ends_with_the_batch_as_csv(site: Site, server: Server) -> None:
    with server.scheduler.working():
        assert rows(site, *CREATE, "--wait", "--poll", "0.05")[0]["success"] == "3"


# --- JSON ---


@pytest.mark.parametrize("flag", [["-o", "json"], ["--output=json"], ["--json"]])
def test_json_is_asked_for_in_three_ways(site: Site, flag: list[str]) -> None:
    assert len(json.loads(site.ask("dags", *flag).stdout)["dags"]) == 7


def test_one_run_and_the_latest_ones_are_json_too(site: Site) -> None:
    site.ask(*CREATE)
    assert site.document("run", FIRST_RUN)["dag_run"]["state"] == "queued"
    assert [run["id"] for run in site.document("latest")["dag_runs"]] == [3]


# --- tables ---


def test_a_run_is_shown_field_by_field(site: Site) -> None:
    site.ask(*CREATE, "--conf", '{"why": "é"}')
    heading, *fields = site.lines("run", FIRST_RUN, "-d", "hello")
    assert heading == ["RUN", FIRST_RUN]
    assert ["execution_date", "2017-01-01", "12:00"] in fields
    assert ["data_interval_end", "2017-01-02", "12:00"] in fields
    assert ["conf", '{"why":', '"é"}'] in fields
    assert site.document("run", FIRST_RUN)["dag_run"]["conf"] == {"why": "é"}
    assert rows(site, "run", FIRST_RUN)[0]["conf"] == '{"why": "é"}'


def test_a_table_leaves_out_what_does_not_fit_the_terminal(site: Site) -> None:
    site.ask(*CREATE)
    assert terminal(site, "runs", "-n", "1", columns=100).split("\n")[0].split() == [
        *("ID", "DAG", "RUN", "STATE", "EXECUTION", "DATE", "STARTED", "ENDED")
    ]
    heading, row, _ = terminal(site, "runs", "-n", "1").split("\n")
    assert heading.split() == ["ID", "DAG", "RUN", "STATE", "EXECUTION", "DATE", "STARTED"]
    assert row.split()[:4] == ["1", "hello", FIRST_RUN, "queued"]
    for arguments in (
        ["dags"],
        ["batches"],
        ["batch", "etl"],
        [*CREATE[:4], *WINDOW, "--dry-run"],
        ["ticks", "hello", *WINDOW],
    ):
        assert all(len(line) <= 80 for line in terminal(site, *arguments).split("\n"))


def test_a_table_is_complete_without_a_terminal(site: Site) -> None:
    site.ask(*CREATE)
    assert "ENDED" in site.ask("runs", "-n", "1", COLUMNS="20").stdout


def test_no_command_prints_colours(site: Site) -> None:
    assert "\x1b" not in terminal(site, "dags")


# --- quiet ---


def test_quiet_prints_nothing_but_the_result(site: Site, server: Server) -> None:
    with server.scheduler.working():
        done = site.ask(*CREATE, "-q", "-w", "--poll", "0.05")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("hello ")
    assert site.ask("ticks", "hello", *WINDOW, "--quiet").stderr == ""
    assert site.ask("runs", "-n", "1", "-q").stderr == ""


def test_quiet_still_prints_errors(site: Site) -> None:
    assert site.ask("batch", "absent", "-q").stderr == "dagrun-api: No run has the prefix absent\n"


@pytest.mark.parametrize("output", ["csv", "table", "json"])
def test_a_character_that_the_encoding_lacks_is_escaped(site: Site, output: str) -> None:
    conf = '{"name": "\u00e9\u2603"}'
    assert site.ask("create", "hello", "-p", "etl", *WINDOW, "-c", conf).returncode == 0
    environ = ENVIRON | {"PYTHONIOENCODING": "ascii", "DAGRUN_API_URL": site.url}
    asked = command("run", FIRST_RUN, "-o", output)
    done = subprocess.run(asked, env=environ, cwd=site.folder, capture_output=True, check=True)
    assert b"\\u2603" in done.stdout
