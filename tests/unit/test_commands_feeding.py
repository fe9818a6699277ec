"""Creating a batch that has a limit of active runs, from the shell."""

from __future__ import annotations

import json
import signal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from dagrun_api_pytest import Server
from tests.unit.site import Site
from tests.unit.test_command_line import refusal, run
from tests.unit.test_commands import LIMITED, WINDOW

FED = ("create", "hello", "--prefix", "etl", *WINDOW, "--feed", "--max-active-runs", "2", "--poll", "0.05")
SPAN = "etl_0000001_2017-01-01T12:00:00 to etl_0000003_2017-01-03T12:00:00"
INTERRUPTED = (
    "Interrupted: the runs that were created continue. To create the others, repeat the command with --prefix etl.\n"
)


def batch(site: Site, prefix: str = "etl") -> dict[str, Any]:
    """Return the progress of a batch, whatever became of its runs."""
    found: dict[str, Any] = json.loads(site.ask("batch", prefix, "--json").stdout)["batch"]
    return found


# --- feeding ---


def test_a_batch_is_fed_and_its_progress_shown(site: Site, server: Server) -> None:
    with server.scheduler.working():
        done = site.ask(*FED, "--wait")
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        f"Created 3 runs: {SPAN}. 0 dates already had a run.",
    )
    assert done.stderr.splitlines()[-1] == "etl: 3 of 3 runs ended (100%): 3 success"
    assert site.ask(*FED).stdout == "Created 0 runs. 3 dates already had a run.\n"


def test_a_batch_is_fed_backwards(site: Site, server: Server) -> None:
    with server.scheduler.working():
        created = site.document(*FED, "--run-backwards")["created"]
    assert [run_id[-19:-9] for run_id in created["dag_run_ids"]] == ["2017-01-02", "2017-01-03", "2017-01-01"]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_feeding_may_be_interrupted_and_repeated(
    site: Site, server: Server, number: signal.Signals, status: int
) -> None:
    with site.begin(*FED) as feeding:
        assert feeding.stderr is not None
        assert feeding.stderr.readline() == "etl: 0 of 2 runs ended (0%): 2 queued\n"
        feeding.send_signal(number)
        assert feeding.communicate(timeout=10) == ("", INTERRUPTED)
    assert feeding.returncode == status
    with server.scheduler.working():
        assert site.ask(*FED).stdout.startswith("Created 1 run: etl_0000003_2017-01-03T12:00:00. 2 dates")


def test_feeding_stops_after_some_failures(site: Site, server: Server) -> None:
    with server.scheduler.working("failed"):
        done = site.ask(*FED, "--stop-after-failures", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("dagrun-api: ")
    assert "of the batch etl ha" in done.stderr.splitlines()[-1]


def test_the_exit_status_shows_whether_fed_runs_failed(site: Site, server: Server) -> None:
    with server.scheduler.working("failed"):
        assert site.ask(*FED, "--wait").returncode == 3


# --- native backfills ---


def test_a_window_is_a_backfill_that_leaves_room_by_default(site: Site) -> None:
    done = site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    assert (done.returncode, done.stdout) == (0, f"Created 3 runs: {SPAN}. 0 dates already had a run.\n")
    assert done.stderr == f"{LIMITED}\n"
    assert batch(site)["max_active_runs"] == 10


def test_the_limit_may_be_another_or_none(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "few", *WINDOW, "--max-active-runs", "4", "--run-backwards")
    later = ("--start", "2017-02-01", "--end", "2017-02-03T23:59:59")
    done = site.ask("create", "hello", "--prefix", "all", *later, "--max-active-runs", "none")
    assert LIMITED not in done.stderr
    assert [batch(site, prefix)["max_active_runs"] for prefix in ("few", "all")] == [4, None]


def test_a_single_run_has_no_limit(site: Site) -> None:
    at = "2017-01-01T12:00:00"
    for one in ([], ["--start", at, "--end", at]):
        assert site.ask("create", "hello", "--prefix", "manual", *one).stderr == ""
    assert batch(site, "manual")["backfill_id"] is None


def test_ordinary_runs_stay_ordinary_ones(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW, "--max-active-runs", "none")
    window = ("--start", "2017-02-01", "--end", "2017-02-03T23:59:59")
    done = site.ask("create", "hello", "--prefix", "etl", *window)
    assert (done.returncode, batch(site)["total"]) == (0, 6)
    assert done.stderr.startswith("Without a limit of active runs: The runs with the prefix etl are ordinary ones")
    assert LIMITED not in done.stderr
    assert refusal(
        site.folder, "create", "hello", "--prefix", "etl", *WINDOW, "--max-active-runs", "3", "--url", site.url
    )


def test_an_error_is_said_once_although_both_kinds_were_tried(site: Site) -> None:
    sentence = refusal(site.folder, "create", "hello", *WINDOW, "--limit", "2", "--url", site.url)
    assert sentence.startswith("The window holds more than 2 runs")


def test_a_preview_has_the_default_limit_too(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW, "--max-active-runs", "none")
    done = site.ask("create", "hello", "--prefix", "etl", "--start", "2017-01-01", "--end", "2017-01-04", "--dry-run")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert done.stderr.startswith("Without a limit of active runs: ")


def test_a_backfill_stops_after_some_failures(site: Site, server: Server) -> None:
    with server.scheduler.working("failed"):
        done = site.ask(*FED[:6], *WINDOW[2:], "--max-active-runs", "2", "--stop-after-failures", "3", "--poll", "0.05")
    assert done.returncode == 1
    assert "3 runs of the batch etl have failed." in done.stderr


def test_a_backfill_is_paused_and_continued(site: Site) -> None:
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    assert site.ask("pause-batch", "etl").stdout == "The batch etl is paused.\n"
    assert batch(site)["is_paused"] is True
    assert site.ask("batch", "etl").stdout.startswith("etl: 0 of 3 runs ended (0%): 3 queued, paused\n")
    assert site.ask("unpause-batch", "etl", "-d", "hello").stdout == "The batch etl is active.\n"
    assert batch(site)["is_paused"] is False


def test_a_batch_of_several_dags_is_changed_on_request_only(site: Site) -> None:
    for dag_id in ("hello", "season_2017"):
        site.ask("create", dag_id, "--prefix", "etl", "--start", "2017-04-01", "--end", "2017-04-29")
    for command in (["pause-batch", "etl"], ["cancel", "etl"]):
        assert "Several DAGs have runs" in refusal(site.folder, *command, "--url", site.url)
        assert site.ask(*command, "--all-dags").returncode == 0
    assert batch(site)["states"].keys() == {"failed"}


# --- mistakes, and old services ---


@pytest.mark.parametrize(
    "arguments",
    [
        ["--max-active-runs", "3"],
        ["--feed"],
        ["--stop-after-failures", "1"],
        [*WINDOW, "--max-active-runs", "0"],
        [*WINDOW, "--max-active-runs", "many"],
        [*WINDOW, "--max-active-runs", "3", "--partial"],
        [*WINDOW, "--feed", "--max-active-runs", "none"],
        [*WINDOW, "--run-backwards"],
        [*WINDOW, "--stop-after-failures", "1"],
        [*WINDOW, "--stop-after-failures", "1", "--prefix", "etl", "--dry-run"],
    ],
)
def test_contradictions_give_status_2(site: Site, arguments: list[str]) -> None:
    done = site.ask("create", "hello", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: ")


@pytest.mark.parametrize("command", ["cancel", "pause-batch", "unpause-batch"])
def test_one_dag_and_all_dags_give_status_2(site: Site, command: str) -> None:
    assert site.ask(command, "etl", "--all-dags", "--dag-id", "a").returncode == 2


class OldService(BaseHTTPRequestHandler):
    """A service that knows nothing but creating runs."""

    def do_GET(self) -> None:
        self.answer(404, {"error": "There is no such path."})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert body.keys() <= {"dag_id", "prefix", "start_date", "end_date", "limit", "partial", "conf", "dry_run"}
        counts: dict[str, object] = {"skipped": 0, "skipped_dag_run_ids": [], "truncated": False, "warnings": []}
        self.answer(200, {"dag_run_ids": ["etl_0000001_2017-01-01T12:00:00"], **counts})

    def answer(self, status: int, payload: dict[str, object]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"response": payload}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base class
        pass


def test_an_old_service_creates_plain_batches_only(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), OldService) as old:
        serving = Thread(target=old.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        url = f"http://127.0.0.1:{old.server_port}"
        done = run(tmp_path, "create", "hello", "--prefix", "etl", *WINDOW, "--url", url)
        assert (done.returncode, done.stderr) == (0, "")
        assert "too old to limit" in refusal(
            tmp_path, "create", "hello", *WINDOW, "--max-active-runs", "3", "--url", url
        )
        old.shutdown()
        serving.join()
