"""The form of log records, as text and as JSON, and which of them are written."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from dagrun_api.logs import JsonFormatter, TextFormatter

HOSTILE = 'a\r\n2026-01-01T00:00:00.000Z INFO     forged\x1b[2J\x00\u2028b\u202ec\ud800"'


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("dagrun_api.x", logging.WARNING, __file__, 1, message, args, None)
    made.created = 1500000000.1234
    made.__dict__.update(extra)
    return made


def failed(text: str) -> logging.LogRecord:
    made = record("it failed")
    try:
        raise ValueError(text)
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_a_text_line_has_the_message_and_extra_fields() -> None:
    line = TextFormatter().format(record("hello %s", "world", status=200, path="/a b"))
    assert line == '2017-07-14T02:40:00.123Z WARNING  dagrun_api.x hello world status=200 path="/a b"'


def test_a_json_line_has_the_same_content() -> None:
    assert json.loads(JsonFormatter().format(record("hello %s", "world", status=200, path="/a b"))) == {
        "time": "2017-07-14T02:40:00.123Z",
        "level": "warning",
        "logger": "dagrun_api.x",
        "message": "hello world",
        "status": 200,
        "path": "/a b",
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_input_from_a_client_cannot_break_a_line(formatter: logging.Formatter) -> None:
    for made in (record("%s", HOSTILE), record("x", path=HOSTILE), record(HOSTILE)):
        line = formatter.format(made)
        assert len(line.splitlines()) == 1
        assert line.isprintable()


def test_json_keeps_input_from_a_client_exactly() -> None:
    assert json.loads(JsonFormatter().format(record("%s", HOSTILE)))["message"] == HOSTILE


def test_a_traceback_cannot_look_like_a_record() -> None:
    first, *rest = TextFormatter().format(failed(HOSTILE)).splitlines()
    assert first.endswith("it failed")
    assert all(line.startswith("  | ") and line.isprintable() for line in rest)
    assert any("forged" in line for line in rest)


def test_a_traceback_is_one_field_in_json() -> None:
    document = json.loads(JsonFormatter().format(failed("no luck")))
    assert document["exception"].startswith("Traceback ")
    assert document["exception"].endswith("ValueError: no luck")


def test_extra_fields_cannot_replace_standard_ones() -> None:
    assert json.loads(JsonFormatter().format(record("hello", level="forged")))["level"] == "warning"


def test_a_value_that_json_lacks_is_written_as_text() -> None:
    assert json.loads(JsonFormatter().format(record("x", error=ValueError("y"))))["error"] == "y"


FACTORY = """
import logging
def factory(*args, make=logging.getLogRecordFactory(), **more):
    made = make(*args, **more)
    made.trace = "0af7"
    return made
logging.setLogRecordFactory(factory)
from dagrun_api.logs import configure
configure("info", "json")
logging.getLogger("x").info("hello")
"""


def test_fields_from_an_earlier_record_factory_are_logged() -> None:
    run = subprocess.run([sys.executable, "-c", FACTORY], capture_output=True, text=True, check=True)
    assert json.loads(run.stderr)["trace"] == "0af7"


PROGRAM = """
import logging, warnings
from dagrun_api.logs import configure
configure({level!r}, "json", access_log={access})
for name in ("dagrun_api.x", "dagrun_api.access", "dagrun_api.audit", "aiohttp.server", "asyncio", "somebody"):
    logging.getLogger(name).info(name)
warnings.warn("careful")
"""


def logged(level: str, *, access: bool = True) -> list[str]:
    program = PROGRAM.format(level=level, access=access)
    run = subprocess.run([sys.executable, "-W", "default", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == ""
    return [json.loads(line)["logger"] for line in run.stderr.splitlines()]


def test_all_loggers_of_the_process_write_to_stderr() -> None:
    names = [
        "dagrun_api.x",
        "dagrun_api.access",
        "dagrun_api.audit",
        "aiohttp.server",
        "somebody",
        "py.warnings",
    ]
    assert logged("info") == names


def test_the_level_and_the_access_log_are_options() -> None:
    assert "dagrun_api.x" not in logged("warning")
    assert "dagrun_api.access" not in logged("info", access=False)


@pytest.mark.parametrize("level", ["warning", "error"])
def test_the_audit_trail_is_logged_at_every_level(level: str) -> None:
    assert [name for name in logged(level, access=False) if name != "py.warnings"] == ["dagrun_api.audit"]
