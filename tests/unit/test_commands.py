"""The commands that call a running service."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import socket
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from dagrun_api.cli.create import unique_prefix
from dagrun_api.settings import TOKEN_VARIABLES
from tests.service.process import serving
from tests.unit.site import Site
from tests.unit.test_command_line import refusal, run

REMOTE_COMMANDS = (
    *(
        "dags",
        "dag",
        "ticks",
        "runs",
        "run",
        "latest",
        "create",
        "batches",
        "batch",
        "pause-batch",
        "unpause-batch",
        "cancel",
    ),
    *("pause", "unpause"),
)
WINDOW = ("--start", "2017-01-01", "--end", "2017-01-03T23:59:59")
LIMITED = (
    "At most 10 runs of this batch will be active at once, beside the schedule: --max-active-runs sets another number, "
    "or none."
)


# --- listing ---


def test_dags_are_listed_as_a_table_or_as_json(site: Site) -> None:
    heading, *rows = site.lines("dags")
    assert heading == ["DAG", "STATE", "SCHEDULE", "LAST", "EXECUTION", "FILE"]
    assert ["hello", "active", *"0 12 * * *".split(), "-", "dags/hello.py"] in rows
    dags = site.document("dags")["dags"]
    assert len(dags) == len(rows) == 7
    known = {"is_draining": False, "full_path": "dags/hello.py", "last_execution": None}
    planned = {"schedule": "0 12 * * *", "next_run_after": None}
    assert dags[2] == {"dag_id": "hello", "is_active": True, **known, **planned}


def test_a_dag_is_shown_with_its_schedule(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    heading, *rows = site.lines("dag", "hello")
    assert heading == ["DAG", "hello"]
    fields = {name: " ".join(words) for name, *words in rows}
    assert (fields["state"], fields["schedule"], fields["timezone"]) == ("active", "0 12 * * *", "UTC")
    assert (fields["active_runs"], fields["max_active_runs"], fields["catchup"]) == ("3", "-", "no")
    assert (fields["start_date"], fields["next_execution"]) == ("2017-01-01 00:00", "-")
    dag = site.document("dag", "hello")["dag"]
    assert (dag["start_date"], dag["next_execution"]) == ("2017-01-01T00:00:00+00:00", None)
    assert set(fields) - {"state"} == set(dag) - {"dag_id", "is_active", "is_draining"}


def test_the_dates_of_a_schedule_are_listed_with_their_runs(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    week = ("ticks", "hello", "--start", "2017-01-02", "--end", "2017-01-04")
    done = site.ask(*week)
    assert [line.split()[-2:] for line in done.stdout.splitlines()[1:]] == [
        ["queued", "etl_0000002_2017-01-02T12:00:00"],
        ["queued", "etl_0000003_2017-01-03T12:00:00"],
        ["missing", "-"],
    ]
    assert done.stderr == "2 queued, 1 missing\n"
    assert len(site.ask(*week, "--missing").stdout.splitlines()) == 2
    assert len(site.ask(*week, "--failed").stdout.splitlines()) == 1
    site.execute("failed", "id = 2")
    both = site.ask(*week, "--missing", "--failed")
    assert [line.split()[-2] for line in both.stdout.splitlines()[1:]] == ["failed", "missing"]
    assert both.stderr == "1 failed, 1 queued, 1 missing\n"
    document = site.document(*week)
    assert document["counts"] == {"failed": 1, "queued": 1, "missing": 1}
    assert document["ticks"][2]["execution_date"] == "2017-01-04T12:00:00+00:00"
    assert site.ask("ticks", "hello", "--start", "2017-01-02T13", "--end", "2017-01-02T14").stderr == (
        "The window has no ticks.\n"
    )


def test_runs_are_listed_up_to_a_limit_and_from_there_on(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    first = site.document("runs", "--limit", "2")
    assert [each["run_id"] for each in first["dag_runs"]] == [
        "etl_0000001_2017-01-01T12:00:00",
        "etl_0000002_2017-01-02T12:00:00",
    ]
    assert first["dag_runs"][0]["execution_date"] == "2017-01-01T12:00:00+00:00"
    rest = site.document("runs", "--limit", "2", "--start", str(first["next_start"]))
    assert ([each["id"] for each in rest["dag_runs"]], rest["next_start"]) == ([3], None)
    assert "use --start 2 to continue" in site.ask("runs", "--limit", "2").stderr
    assert site.ask("runs", "--limit", "3").stderr == ""


def test_all_runs_are_one_table_over_many_pages(site: Site) -> None:
    site.ask("create", "hello", "--start", "2017-01-01", "--end", "2017-12-30")
    heading, *rows = site.lines("runs", "--all")
    assert heading[:3] == ["ID", "DAG", "RUN"]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 365)]


def test_runs_are_filtered(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    site.ask("create", "season_2017", "--start", "2017-04-01", "--end", "2017-04-30")
    site.execute("failed", "id = 2")
    for filters, number in (
        (["--dag-id", "season_2017"], 5),
        (["--prefix", "etl_"], 3),
        (["--state", "failed"], 1),
        (["--external-trigger", "false"], 0),
        (["--external-trigger", "true", "--dag-id", "hello", "--state", "queued"], 2),
    ):
        assert len(site.document("runs", *filters)["dag_runs"]) == number, filters


def test_an_empty_list_of_runs_is_said_to_be_empty(site: Site) -> None:
    assert site.ask("runs", "--state", "failed").stderr == "There are no such runs.\n"
    assert site.ask("runs", "-o", "json").stderr == ""


def test_the_newest_runs_are_listed_first_on_request(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    first = site.document("runs", "--newest-first", "-n", "2")
    assert ([run["id"] for run in first["dag_runs"]], first["next_start"]) == ([3, 2], 2)
    assert [row[0] for row in site.lines("runs", "--newest-first", "--start", "2")[1:]] == ["1"]


def test_control_characters_do_not_reach_the_terminal(site: Site) -> None:
    site.ask("create", "hello", "--start", "2017-01-01", "--end", "2017-01-01T23:00")
    with closing(sqlite3.connect(site.folder / "dagrun-api.db")) as connection, connection:
        connection.execute("UPDATE dag_run SET run_id = ?", ["a\x1b[2Jb\nc"])
    assert site.lines("runs")[1][2] == r"a\x1b[2Jb\nc"


# --- creating ---


def test_a_batch_is_previewed_created_and_then_skipped(site: Site) -> None:
    arguments = ("create", "hello", "--prefix", "etl", *WINDOW)
    _, *rows = site.lines(*arguments, "--dry-run")
    assert [row[0] for row in rows] == [f"etl_000000{day}_2017-01-0{day}T12:00:00" for day in (1, 2, 3)]
    assert site.document("runs")["dag_runs"] == []
    span = "etl_0000001_2017-01-01T12:00:00 to etl_0000003_2017-01-03T12:00:00"
    assert site.ask(*arguments).stdout == f"Created 3 runs: {span}. 0 dates already had a run.\n"
    assert site.ask(*arguments).stdout == "Created 0 runs. 3 dates already had a run.\n"


def test_a_preview_as_json_has_the_data_intervals(site: Site) -> None:
    planned = site.document("create", "hello", "--prefix", "manual", *WINDOW, "--dry-run")["planned"]
    assert planned["runs"][0] == {
        "run_id": "manual_0000001_2017-01-01T12:00:00",
        "execution_date": "2017-01-01T12:00:00+00:00",
        "data_interval_start": "2017-01-01T12:00:00+00:00",
        "data_interval_end": "2017-01-02T12:00:00+00:00",
        "run_after": "2017-01-02T12:00:00+00:00",
    }


def test_conf_limit_and_partial_are_sent(site: Site) -> None:
    done = site.ask("create", "hello", *WINDOW, "--limit", "2", "--partial", "--conf", '{"why": "é"}')
    assert done.stdout.startswith("Created 2 runs: ")
    assert "The window contains more runs: use --all to create all of them." in done.stderr
    with closing(sqlite3.connect(site.folder / "dagrun-api.db")) as connection:
        confs = connection.execute("SELECT conf FROM dag_run").fetchall()
    assert [json.loads(conf) for (conf,) in confs] == [{"why": "é"}] * 2


def test_a_backfill_of_1300_runs_continues_an_earlier_one(site: Site) -> None:
    window = ("--prefix", "etl", "--start", "2017-01-01", "--end", "2020-07-23T23:59:59")
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    done = site.ask("create", "hello", *window, "--all")
    assert done.stderr.splitlines() == [
        "Created 500 runs: etl_0000004_2017-01-04T12:00:00 to etl_0000503_2018-05-18T12:00:00.",
        "Created 500 runs: etl_0000504_2018-05-19T12:00:00 to etl_0001003_2019-09-30T12:00:00.",
        "Created 297 runs: etl_0001004_2019-10-01T12:00:00 to etl_0001300_2020-07-23T12:00:00.",
        LIMITED,
    ]
    span = "etl_0000004_2017-01-04T12:00:00 to etl_0001300_2020-07-23T12:00:00"
    assert done.stdout == f"Created 1297 runs: {span}. 3 dates already had a run.\n"
    again = site.document("create", "hello", *window, "--all")["created"]
    assert (again["dag_run_ids"], again["skipped"], again["truncated"]) == ([], 1300, False)
    assert site.document("batch", "etl")["batch"]["total"] == 1300


def test_the_warnings_of_the_service_are_shown(site: Site) -> None:
    done = site.ask("create", "monthly_invoices", "--start", "2017-01-01", "--end", "2017-01-30")
    limited, warning = done.stderr.splitlines()
    assert limited == LIMITED
    assert warning.startswith("Warning: ")
    assert "paused" in warning


# --- batches ---


def test_batches_are_listed_with_the_newest_first(site: Site) -> None:
    assert site.ask("batches").stderr == "There are no batches.\n"
    site.ask("create", "hello", "--prefix", "old", *WINDOW)
    site.ask("create", "season_2017", "--prefix", "new", "--start", "2017-04-01", "--end", "2017-04-10")
    site.execute("failed", "id = 1")
    heading, *rows = site.lines("batches")
    assert heading == ["BATCH", "DAG", "STATES", "DONE", "FIRST", "EXECUTION", "LAST", "EXECUTION", "QUEUED"]
    assert [row[:2] for row in rows] == [["new", "season_2017"], ["old", "hello"]]
    assert rows[1][2:11] == ["2", "queued,", "1", "failed", "33.3%", "2017-01-01", "12:00", "2017-01-03", "12:00"]
    (only,) = site.document("batches", "-d", "hello")["batches"]
    assert (only["prefix"], only["states"]["queued"], only["is_paused"]) == ("old", 2, False)


def test_batches_are_listed_up_to_a_limit(site: Site) -> None:
    for prefix in ("a", "b"):
        site.ask("create", "hello", "--prefix", prefix)
    done = site.ask("batches", "-n", "1")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["BATCH", "b"]
    assert done.stderr == "There are more batches: use --limit to list more, or --all to list all of them.\n"
    for arguments in (["--all"], ["-n", "2"]):
        assert site.ask("batches", *arguments).stderr == ""
    site.ask("pause", "hello")
    site.ask("create", "hello", "--prefix", "c", *WINDOW)
    site.ask("pause-batch", "c")
    assert "3 queued, paused" in site.ask("batches", "-n", "1").stdout


def test_the_exit_status_shows_whether_runs_failed(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    for state, where, status in (("failed", "id = 1", 0), ("success", "id > 1", 3), ("success", "true", 0)):
        site.execute(state, where)
        assert site.ask("batch", "etl").returncode == status
    first, heading, row = site.lines("batch", "etl", "--dag-id", "hello")
    assert first == ["etl:", "3", "of", "3", "runs", "ended", "(100%):", "3", "success"]
    assert heading[:5] == ["DAG", "QUEUED", "RUNNING", "SUCCESS", "FAILED"]
    assert row == ["hello", "0", "0", "3", "0", "2017-01-01", "12:00", "2017-01-03", "12:00"]


def test_runs_that_have_not_started_are_cancelled(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    site.execute("success", "id = 1")
    assert site.document("cancel", "etl", "--dag-id", "hello")["cancelled"] == {
        "prefix": "etl",
        "cancelled": 2,
        "started": 0,
        "ended": 1,
        "cancelled_dag_run_ids": ["etl_0000002_2017-01-02T12:00:00", "etl_0000003_2017-01-03T12:00:00"],
    }
    assert site.ask("cancel", "etl").stdout == "0 runs cancelled. 0 had started and continue, 3 had ended.\n"
    assert site.ask("batch", "etl").returncode == 3


@pytest.mark.parametrize("arguments", [["batch", "etl", "--wait"], ["create", "hello", "--prefix", "etl_", *WINDOW]])
@pytest.mark.parametrize(("state", "status"), [("success", 0), ("failed", 3)])
def test_wait_prints_a_line_for_each_change(site: Site, arguments: list[str], state: str, status: int) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    waiting = site.begin(*arguments, *(["--wait"] if "--wait" not in arguments else []), "--poll", "0.05")
    with waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == "etl: 0 of 3 runs ended (0%): 3 queued\n"
        site.execute("running", "id = 1")
        assert waiting.stderr.readline() == "etl: 0 of 3 runs ended (0%): 2 queued, 1 running\n"
        site.execute(state)
        out, err = waiting.communicate(timeout=10)
    assert waiting.returncode == status
    assert err == f"etl: 3 of 3 runs ended (100%): 3 {state}\n"
    assert out.splitlines()[-1].startswith("hello ")


def test_create_and_wait_print_one_json_document(site: Site) -> None:
    with site.begin("create", "hello", *WINDOW, "--wait", "--json", "--poll", "0.05") as waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == f"{LIMITED}\n"
        waiting.stderr.readline()
        site.execute("success")
        out = waiting.communicate(timeout=10)[0]
    document = json.loads(out)
    assert (len(document["created"]["dag_run_ids"]), document["batch"]["states"]) == (3, {"success": 3})


def test_wait_returns_at_once_if_the_batch_has_no_runs(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "other", *WINDOW)
    assert site.ask("create", "hello", "--prefix", "etl", *WINDOW, "--wait").returncode == 0


def test_ctrl_c_while_waiting_cancels_nothing(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    with site.begin("batch", "etl", "--wait") as waiting:
        assert waiting.stderr is not None
        waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.communicate(timeout=10) == ("", "")
    assert waiting.returncode == 130
    assert site.document("batch", "etl")["batch"]["states"] == {"queued": 3}


@pytest.mark.parametrize("has_rich", [True, False])
def test_a_terminal_with_rich_shows_a_progress_bar(site: Site, has_rich: bool) -> None:
    if has_rich:
        pytest.importorskip("rich")
    else:
        (site.folder / "rich.py").write_text("raise ImportError", "utf-8")
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    site.execute("success")
    main, terminal = pty.openpty()
    environ = {"PYTHONPATH": str(site.folder), "TERM": "xterm", "COLUMNS": "100"}
    with site.begin("batch", "etl", "--wait", stderr=terminal, **environ) as waiting:
        assert waiting.wait(10) == 0
    shown = os.read(main, 65536).decode()
    os.close(main)
    os.close(terminal)
    assert "3 success" in shown
    assert ("3/3" in shown) == has_rich
    assert ("etl: 3 of 3 runs ended" in shown) == (not has_rich)


def test_a_dag_is_paused_and_unpaused(site: Site) -> None:
    schedule = "0 12 * * *".split()
    assert site.ask("pause", "hello").stdout == "hello is paused.\n"
    assert ["hello", "paused", *schedule, "-", "dags/hello.py"] in site.lines("dags")
    assert site.document("unpause", "hello") == {"dag_id": "hello", "is_paused": False}
    assert ["hello", "active", *schedule, "-", "dags/hello.py"] in site.lines("dags")
    assert site.ask("unpause", "hello").stdout == "hello is active.\n"


def test_a_batch_without_a_name_gets_one_of_its_own(site: Site) -> None:
    before = datetime.now(UTC)
    site.ask("create", "hello", *WINDOW)
    names = {f"hello-{at:%Y%m%d-%H%M}" for at in (before, datetime.now(UTC))}
    run_id = site.document("runs", "--limit", "1")["dag_runs"][0]["run_id"]
    assert run_id.removesuffix("_0000001_2017-01-01T12:00:00") in names


@pytest.mark.parametrize(
    ("dag_id", "name"),
    [
        ("etl.sales", "etl.sales-20261124-2315"),
        ("daily_BackFill", "batch-20261124-2315"),
        ("a b", "batch-20261124-2315"),
        ("scheduled__x", "batch-20261124-2315"),
        ("x" * 250, f"{'x' * 150}-20261124-2315"),
    ],
)
def test_such_a_name_can_always_begin_a_run_id(dag_id: str, name: str) -> None:
    assert unique_prefix(dag_id, datetime(2026, 11, 24, 23, 15, 59, tzinfo=UTC)) == name


def answering(reply: str) -> io.StringIO:
    terminal = io.StringIO(reply)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    return terminal


def test_cancelling_asks_on_a_terminal(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    for reply in ("\n", "no\n", ""):
        with patch("sys.stdin", answering(reply)):
            done = site.ask("cancel", "etl")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == ("Cancel 3 queued runs of the batch etl (hello)? [y/N] Nothing was cancelled.\n")
    with patch("sys.stdin", answering("y\n")):
        assert site.ask("cancel", "etl").stdout.startswith("3 runs cancelled.")
    with patch("sys.stdin", answering("")):
        assert site.ask("cancel", "etl", "--yes").returncode == 0


def test_cancelling_can_be_tried_first(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    site.execute("success", "id = 1")
    for _ in range(2):
        assert site.ask("cancel", "etl", "--dry-run").stdout == (
            "2 queued runs would be cancelled. 0 are running, 1 have ended.\n"
        )
    counts = {"queued": 2, "running": 0, "ended": 1}
    assert site.document("cancel", "etl", "--dry-run") == {"would_cancel": counts}


# --- errors ---


@pytest.mark.parametrize(
    "arguments",
    [["create", "absent"], ["dag", "absent"], ["batch", "absent"], ["cancel", "absent"], ["pause", "absent"]],
)
def test_an_error_of_the_service_is_one_line(site: Site, arguments: list[str]) -> None:
    assert "absent" in refusal(site.folder, *arguments, "--url", site.url)


@pytest.mark.parametrize("variable", TOKEN_VARIABLES[1:])
def test_the_token_comes_from_the_environment(tmp_path: Path, variable: str) -> None:
    token = {variable: "s3cret"}
    with serving(tmp_path, "--prefix", "/p", environ=token) as service:
        url = service.address
        asked = ("dags", "--url", url, "--api-prefix", "/p")
        assert run(tmp_path, *asked, **token).returncode == 0
        assert run(tmp_path, "dags", "--url", url, DAGRUN_API_PREFIX="/p", **token).returncode == 0
        assert refusal(tmp_path, *asked).startswith("A valid token is required")
        assert "different tokens" in refusal(tmp_path, *asked, **token, **{TOKEN_VARIABLES[0]: "other"})


@pytest.mark.parametrize("path", ["", "/", "/api/v1", "/api/v1/"])
def test_the_address_may_end_with_the_prefix_of_the_api(site: Site, path: str) -> None:
    assert site.ask("dags", DAGRUN_API_URL=site.url + path).returncode == 0
    assert site.ask("dags", "--url", site.url + path).returncode == 0


def test_an_unreachable_service_gives_one_line(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        began = time.monotonic()
        assert refusal(tmp_path, "dags", "--url", url).endswith("cannot be reached: Connection refused.")
        assert time.monotonic() - began < 5


def test_a_bad_address_or_prefix_gives_one_line(tmp_path: Path) -> None:
    assert "is not the address of a service" in refusal(tmp_path, "dags", "--url", "localhost:8080")
    assert "is not the address of a service" in refusal(tmp_path, "dags", DAGRUN_API_URL="localhost:8080")
    assert refusal(tmp_path, "dags", "--api-prefix", "api").startswith("--api-prefix must be a path such as /api/v1")


@pytest.mark.parametrize(
    "arguments",
    [
        ["create"],
        ["create", "hello", "--all"],
        ["create", "hello", "--all", "--partial", "--start", "2017-01-01"],
        ["create", "hello", "--dry-run", "--wait"],
        ["create", "hello", "--conf", "[]"],
        ["create", "hello", "--conf", "{"],
        ["create", "hello", "--limit", "0"],
        ["create", "hello", "--poll", "0"],
        ["create", "hello", "--poll", "x"],
        ["batch"],
        ["cancel"],
        ["pause"],
        ["runs", "--state", "tired"],
        ["runs", "--all", "--limit", "3"],
        ["dags", "--token", "s3cret"],
    ],
)
def test_wrong_arguments_give_status_2_and_send_nothing(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments, "--url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: dagrun-api")
    assert "Traceback" not in done.stderr


def test_the_help_lists_every_remote_command(tmp_path: Path) -> None:
    listed = run(tmp_path, "--help").stdout
    for name in REMOTE_COMMANDS:
        assert f"    {name} " in listed
        assert "DAGRUN_API_URL" in run(tmp_path, name, "--help", COLUMNS="500").stdout


def test_serve_accepts_the_variable_of_the_client_commands(tmp_path: Path) -> None:
    with serving(tmp_path, environ={"DAGRUN_API_URL": "http://127.0.0.1:8080"}) as service:
        assert run(tmp_path, "dags", "--url", service.address).returncode == 0
