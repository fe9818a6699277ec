"""Loaded by schemathesis: leads every other string of a request to something that is in the database."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, cast

import schemathesis

IN_PATH = {"dag_run_id": "first_0000001_2017-09-01T12:00:00", "prefix": "first", "dag_id": "hello"}
IN_BODY = {"dag_id": "hello", "prefix": "etl", "start_date": "2017-09-01T00:00:00Z", "end_date": "2017-09-03T23:59:59Z"}
IN_QUERY = {"dag_id": "hello", "prefix": "first", "start": "first_0000001_2017-09-01T12:00:00"}


def _led(values: Any, known: dict[str, str]) -> Any:
    # Only what is a string already: what was made to be refused has to stay as it is.
    if isinstance(values, dict):
        held = cast("dict[object, object]", values)
        for name, value in known.items():
            if isinstance(held.get(name), str) and zlib.crc32(ascii(held[name]).encode()) % 2:
                held[name] = value
        return held
    return values


def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    return _led(path_parameters, IN_PATH)


def map_query(context: Any, query: Any) -> Any:
    return _led(query, IN_QUERY)


def map_body(context: Any, body: Any) -> Any:
    return _led(body, IN_BODY)


_register = cast("Callable[[object], object]", schemathesis.hook)  # pyright: ignore[reportUnknownMemberType]
for each in (map_path_parameters, map_query, map_body):
    _register(each)
