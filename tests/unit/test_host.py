"""Which hosts a service without tokens answers to, and what the log says of the others."""

from __future__ import annotations

import logging

import pytest

from dagrun_api.web.host import Hosts, RefusedHosts

NO_NAMES = Hosts(())

SAFE = [
    "127.0.0.1",
    "127.0.0.1:8080",
    "192.0.2.7:80",
    "0.0.0.0:8080",
    "[::1]",
    "[::1]:8080",
    "[2001:DB8::7]:65535",
    "[::ffff:127.0.0.1]:80",
    "localhost",
    "localhost:",
    "LocalHost:8080",
    "localhost.:8080",
]
STRANGE = [
    "",
    ":8080",
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.localhost",
    "127.0.0.1@evil.example",
    "evil.example@127.0.0.1",
    "localhost:8080@evil.example",
    "127.0.0.1:8080:8080",
    "127.0.0.1:x",
    "127.0.0.1, evil.example",
    "127.0.0.1 evil.example",
    "127.0.0.1/",
    "127.0.0.1#",
    "localhost\\",
    "localhost\n",
    "localhost..",
    # A browser sends these addresses in their usual form.
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "127.1",
    "127.0.0.01",
    "0177.0.0.1",
    "127.0.0.256",
    "127.0.0.1.1",
    "\u0661\u0662\u0667.0.0.1",
    "\uff11\uff12\uff17.0.0.1",
    "127.0.0.1:\u0668",
    "::1",
    "[::1",
    "[::1]x",
    "[::1%25eth0]",
    "[::1%eth0]",
    "[fe80::1%evil.example]",
    "[127.0.0.1]",
    "[localhost]",
    "[]",
    "\udcff",
    "locaIhost",
    "lo\u0441alhost",
]


@pytest.mark.parametrize("host", SAFE)
def test_addresses_and_localhost_need_no_option(host: str) -> None:
    assert NO_NAMES.refused("/", [host]) is None


@pytest.mark.parametrize("host", STRANGE, ids=ascii)
def test_anything_else_is_refused(host: str) -> None:
    assert NO_NAMES.refused("/", [host]) is not None


@pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "evil.example"]])
def test_a_request_must_have_one_host(hosts: list[str]) -> None:
    assert NO_NAMES.refused("/", hosts) is not None


@pytest.mark.parametrize("name", ["runs.example", "Runs.Example", "runs.example."])
@pytest.mark.parametrize("host", ["runs.example", "RUNS.example:8080", "runs.example.:443"])
def test_a_name_is_compared_without_case_dot_and_port(name: str, host: str) -> None:
    assert Hosts((name,)).refused("/", [host]) is None


@pytest.mark.parametrize("host", ["example", "my.runs.example", "runs.example.evil", "xruns.example", "runs-example"])
def test_a_name_stands_for_no_other_name(host: str) -> None:
    assert Hosts(("runs.example",)).refused("/", [host]) == host


@pytest.mark.parametrize("hosts", [*([each] for each in STRANGE), [], ["a", "b"]], ids=ascii)
def test_a_star_allows_any_host(hosts: list[str]) -> None:
    assert Hosts(("runs.example", "*")).refused("http://evil.example/", hosts) is None


def test_what_is_refused_is_named_as_the_option_wants_it() -> None:
    assert NO_NAMES.refused("/", ["Evil.example.:8080"]) == "evil.example"


@pytest.mark.parametrize(
    "target", ["http://evil.example/", "HTTPS://evil.example", "ws://evil.example?a", "http://evil.example:80#"]
)
def test_the_host_of_a_whole_address_counts_as_well(target: str) -> None:
    assert NO_NAMES.refused(target, ["localhost"]) == "evil.example"
    assert Hosts(("evil.example",)).refused(target, ["localhost"]) is None
    assert Hosts(("evil.example",)).refused(target, ["other.example"]) == "other.example"


@pytest.mark.parametrize("target", ["http://", "http:///x", "http://localhost@evil.example/", "http://[::1/"])
def test_an_address_without_a_safe_host_is_refused(target: str) -> None:
    assert NO_NAMES.refused(target, ["localhost"]) is not None


@pytest.mark.parametrize("target", ["/", "//evil.example/x", "/http://evil.example", "*", "/?a=http://evil.example"])
def test_a_path_names_no_host(target: str) -> None:
    assert NO_NAMES.refused(target, ["localhost"]) is None


# --- the log ---


def test_refusals_are_logged_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    log = RefusedHosts(lambda: now)
    for tenth in range(250):
        now = tenth / 10
        log.refused(f"host-{tenth}.example", "id")
    line = "Refused a request for the host 'host-{}.example', which is not in allowed_hosts"
    more = "; since the last line 99 more requests were refused"
    assert [record.getMessage() for record in caplog.records] == [
        line.format(0),
        line.format(100) + more,
        line.format(200) + more,
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_a_logged_host_is_short_and_printable(caplog: pytest.LogCaptureFixture) -> None:
    RefusedHosts().refused("a\r\n\x1b\udcff\u202e" + "b" * 5000, "id")
    (record,) = caplog.records
    assert record.getMessage().isprintable()
    assert len(record.getMessage()) < 300
