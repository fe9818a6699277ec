"""How a process of the service writes its log records; a host application configures logging itself.

Every record that a request causes can carry the request id. In a host application it does so once a handler has the
filter `RequestIds()`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

__all__ = [
    "ACCESS_LOGGER",
    "AUDIT_LOGGER",
    "CURRENT_REQUEST_ID",
    "JsonFormatter",
    "RequestIds",
    "TextFormatter",
    "configure",
]

ACCESS_LOGGER = "dagrun_api.access"
AUDIT_LOGGER = "dagrun_api.audit"

CURRENT_REQUEST_ID: ContextVar[str] = ContextVar("dagrun_api.request_id")
"""The id of the current request; aiohttp handles each request in a separate task, which has a separate context."""

# The attributes of every record; any other comes from `extra` or from a record factory, and is logged.
_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}

# Control characters, characters that change the direction of text, and line separators.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_UNQUOTED = re.compile(r'[^ "=\\]+')
_LINE_BREAK = re.compile(r"\r\n|[\n\r]")

_PLAIN = logging.Formatter()


def configure(level: str, style: str, *, access_log: bool = True) -> None:
    """Send all log records of this process to stderr, in the style `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    handler.addFilter(RequestIds())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # At level debug these two log a lot, and nothing about the service.
    for library in ("asyncio", "aiosqlite"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger(ACCESS_LOGGER).disabled = not access_log
    # The audit trail must be complete at every log level.
    logging.getLogger(AUDIT_LOGGER).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


class RequestIds(logging.Filter):
    """Add the attribute `request_id` to each record that belongs to a request, and let every record pass.

    Add this filter to a handler: a filter on a logger does not see the records of the loggers below it. If another
    thread writes the records, add it to the `QueueHandler`.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id") and (current := CURRENT_REQUEST_ID.get(None)) is not None:
            record.request_id = current
        return True


class TextFormatter(logging.Formatter):
    """Write each record as a line of text; input from a client cannot break a line or forge one."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_time(record)} {record.levelname:<8} {record.name}"
        extra = "".join(f" {name}={_quoted(str(value))}" for name, value in _extra(record).items())
        lines = [f"{head} {_escaped(record.getMessage() + extra)}"]
        lines += [f"  | {_escaped(line)}" for part in _details(record) for line in _LINE_BREAK.split(part)]
        return "\n".join(lines)


class JsonFormatter(logging.Formatter):
    """Write each record as a JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        document = _extra(record) | {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if details := "\n".join(_details(record)):
            document["exception"] = details
        # The output is ASCII only, so nothing in it can break the line.
        return json.dumps(document, default=str)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}


def _details(record: logging.LogRecord) -> list[str]:
    """Return the traceback and the stack of the record, if it has them."""
    traceback = _PLAIN.formatException(record.exc_info) if record.exc_info else record.exc_text
    return [text for text in (traceback, record.stack_info) if text]


def _quoted(value: str) -> str:
    return value if _UNQUOTED.fullmatch(value) else json.dumps(value)


def _escaped(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
