"""Creating runs from a file of dates, and a conf from elsewhere."""

from __future__ import annotations

import io
import json
from pathlib import Path
from unittest.mock import patch

import pytest

from dagrun_api.cli.dates import DatedConf, read_dates
from dagrun_api_pytest import Server
from tests.databases.schemas import sqlite_database
from tests.service.process import serving
from tests.unit.site import Site

CREATE = ("create", "hello", "--prefix", "etl", "--max-active-runs", "none")


@pytest.fixture
def dates(site: Site) -> Path:
    return site.folder / "dates.txt"


def confs(server: Server) -> dict[str, object]:
    """Return the conf of each run."""
    return {run.run_id: run.conf for run in server.runs()}


def test_each_line_is_a_date_with_a_conf_or_without(tmp_path: Path) -> None:
    file = tmp_path / "dates.txt"
    file.write_text(
        '\ufeff# since the outage\n2017-01-01\n\n  2017-01-02 12:00:00 {"a": {"b": 1}}\n2017-01-03T12:00:00+01:00\n',
        "utf-8",
    )
    assert read_dates(str(file)) == [
        DatedConf("2017-01-01", None, is_day=True),
        DatedConf("2017-01-02 12:00:00", {"a": {"b": 1}}, is_day=False),
        DatedConf("2017-01-03T12:00:00+01:00", None, is_day=False),
    ]


def test_only_the_end_of_a_line_ends_one(tmp_path: Path) -> None:
    file = tmp_path / "dates.txt"
    odd = "\u2028 \u0085 \u2029"
    file.write_bytes(f'2017-01-01T12:00 {{"a": "{odd}"}}\r\n2017-01-02\r\n'.encode())
    assert read_dates(str(file)) == [
        DatedConf("2017-01-01T12:00", {"a": odd}, is_day=False),
        DatedConf("2017-01-02", None, is_day=True),
    ]


def test_a_day_means_its_dates_in_the_schedule(site: Site, server: Server, dates: Path) -> None:
    dates.write_text('2017-01-05 {"why": "own"}\n2017-01-02\n2017-01-03T12:00\n', "utf-8")
    done = site.ask(*CREATE, "--dates", str(dates), "--conf", '{"why": "common"}')
    span = "etl_0000001_2017-01-02T12:00:00 to etl_0000003_2017-01-05T12:00:00"
    assert (done.returncode, done.stdout) == (0, f"Created 3 runs: {span}. 0 dates already had a run.\n")
    assert list(confs(server).values()) == [{"why": "common"}, {"why": "common"}, {"why": "own"}]
    assert site.ask(*CREATE, "--dates", str(dates)).stdout == "Created 0 runs. 3 dates already had a run.\n"


def test_a_day_without_a_date_creates_nothing(site: Site, server: Server, dates: Path) -> None:
    dates.write_text("2017-09-01\n2017-09-02\n", "utf-8")
    done = site.ask("create", "amsterdam_orders", "--dates", str(dates))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("dagrun-api: The schedule of amsterdam_orders has no date on 2017-09-02")
    assert server.runs() == []


def test_without_a_schedule_a_day_is_its_midnight(site: Site, server: Server, dates: Path) -> None:
    dates.write_text("2017-09-01\n", "utf-8")
    site.ask("create", "export_on_demand", "--prefix", "etl", "--dates", str(dates))
    assert [run.run_id for run in server.runs()] == ["etl_0000001_2017-09-01T00:00:00"]


def test_dates_come_from_standard_input(site: Site, server: Server) -> None:
    with patch("sys.stdin", io.StringIO("\ufeff2017-01-01\n")):
        assert site.ask(*CREATE, "--dates", "-").returncode == 0
    assert len(server.runs()) == 1


def test_the_missing_dates_of_a_schedule_can_be_created(site: Site, server: Server) -> None:
    window = ("--start", "2017-01-01", "--end", "2017-01-04")
    site.ask(*CREATE, "--start", "2017-01-02", "--end", "2017-01-02")
    _, *missing = site.ask("ticks", "hello", *window, "--missing", "-o", "csv").stdout.splitlines()
    with patch("sys.stdin", io.StringIO("\n".join(line.partition(",")[0] for line in missing))):
        site.ask(*CREATE, "--dates", "-")
    assert site.ask("ticks", "hello", *window).stderr == "4 queued\n"


def test_dates_can_be_previewed(site: Site, server: Server, dates: Path) -> None:
    dates.write_text("2017-01-02\n2017-01-01\n", "utf-8")
    planned = site.document(*CREATE, "--dates", str(dates), "--dry-run")["planned"]
    assert [run["run_id"][-19:] for run in planned["runs"]] == ["2017-01-01T12:00:00", "2017-01-02T12:00:00"]
    assert server.runs() == []


def test_a_list_of_dates_has_the_default_limit_of_active_runs(site: Site, server: Server, dates: Path) -> None:
    dates.write_text("2017-01-02\n2017-01-01\n", "utf-8")
    site.ask("create", "hello", "--prefix", "etl", "--dates", str(dates))
    assert {run.backfill_id for run in server.runs()} == {1}


def test_many_dates_are_several_requests_on_request_only(site: Site, server: Server, dates: Path) -> None:
    dates.write_text("".join(f"2017-01-0{day}T12:00:00\n" for day in range(1, 6)), "utf-8")
    many = (*CREATE, "--dates", str(dates), "--limit", "2")
    assert site.ask(*many).stderr == (
        "dagrun-api: --dates has 5 runs, but one request takes up to 2: use --all to create them in several requests.\n"
    )
    assert server.runs() == []
    assert site.ask(*many, "--all").stdout.startswith("Created 5 runs: etl_0000001_2017-01-01T12:00:00 to etl_0000005")
    assert site.document(*many, "--all")["created"]["skipped"] == 5


def test_an_airflow_without_backfills_limits_no_list(tmp_path: Path) -> None:
    (tmp_path / "airflow.db").write_bytes(sqlite_database("2.11.2"))
    (tmp_path / "dates.txt").write_text("2017-01-01T12:00\n", "utf-8")
    with serving(tmp_path, "--database", "sqlite:///airflow.db") as service:
        site = Site(tmp_path, service.address)
        done = site.ask("create", "hello", "--dates", "dates.txt", "--max-active-runs", "2")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "dagrun-api: This Airflow has no backfills of its own, so only a window can be limited"
    )


def test_confs_that_are_too_large_together_give_a_hint(site: Site, dates: Path) -> None:
    conf = json.dumps({"why": "x" * 20_000})
    dates.write_text("".join(f"2017-01-0{day}T12:00:00 {conf}\n" for day in range(1, 6)), "utf-8")
    done = site.ask(*CREATE, "--dates", str(dates))
    assert done.stderr.endswith("bytes: use a smaller conf or, for many dates, --all with a lower --limit.\n")
    assert site.ask(*CREATE, "--dates", str(dates), "--all", "-n", "2").stdout.startswith("Created 5 runs: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("2017-01-01\nfirst of May\n", "line 2: 'first of May' is not a date, such as"),
        ("2017-01-01 [1]\n", "line 1: '2017-01-01 [1]' is not a date, such as"),
        ("2017-01-01 {1}\n", "line 1: '{1}' is not a JSON object"),
        ('{"a": 1}\n', "line 1: "),
        ('2017-01-01 {"a": 1, "b": 2, "a": 1}\n', "line 1: the JSON object has the key 'a' twice"),
        ("# none\n", "it holds no date"),
        ("\n", "is empty"),
    ],
)
def test_a_mistake_in_the_file_names_the_line(site: Site, dates: Path, content: str, message: str) -> None:
    dates.write_text(content, "utf-8")
    done = site.ask(*CREATE, "--dates", str(dates))
    assert (done.returncode, done.stdout) == (2, "")
    assert "dagrun-api create: error: argument --dates: " in done.stderr
    assert message in done.stderr


def test_a_file_that_cannot_be_read_gives_status_2(site: Site, dates: Path) -> None:
    assert "absent cannot be read: No such file or directory" in site.ask(*CREATE, "--dates", "absent").stderr
    dates.write_bytes(b"\xff\xfe")
    assert "is not encoded in UTF-8" in site.ask(*CREATE, "--dates", str(dates)).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--start", "2017-01-01"],
        ["--end", "2017-01-01"],
        ["--partial"],
        ["--feed"],
        ["--prefix", "etl", "--stop-after-failures", "1"],
    ],
)
def test_dates_exclude_a_window(site: Site, dates: Path, arguments: list[str]) -> None:
    dates.write_text("2017-01-01\n", "utf-8")
    done = site.ask("create", "hello", "--dates", str(dates), *arguments)
    assert done.returncode == 2
    assert f"argument --dates: not allowed with argument {arguments[-2 if len(arguments) > 2 else 0]}" in done.stderr


# --- conf ---


def test_the_conf_comes_from_a_file_or_standard_input(site: Site, server: Server) -> None:
    (site.folder / "conf.json").write_text('{"from": "a file"}', "utf-8")
    site.ask(*CREATE, "--start", "2017-01-01", "--end", "2017-01-01", "--conf", "@conf.json")
    with patch("sys.stdin", io.StringIO('{"from": "stdin"}')):
        site.ask(*CREATE, "--start", "2017-01-02", "--end", "2017-01-02", "-c", "-")
    assert list(confs(server).values()) == [{"from": "a file"}, {"from": "stdin"}]


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ("[]", "'[]' is not a JSON object, such as '{\"why\": \"try it\"}'"),
        ('{"a": {"b": 1, "b": 2}}', "the JSON object has the key 'b' twice"),
        ("@absent", "absent cannot be read: No such file or directory"),
        ("@list.json", "list.json does not contain a JSON object"),
        ("-", "standard input is empty"),
    ],
)
def test_a_conf_that_is_not_one_gives_status_2(site: Site, conf: str, message: str) -> None:
    (site.folder / "list.json").write_text(json.dumps([1]), "utf-8")
    with patch("sys.stdin", io.StringIO()):
        done = site.ask(*CREATE, "--conf", conf)
    assert done.returncode == 2
    assert done.stderr.endswith(f"dagrun-api create: error: argument -c/--conf: {message}\n")
