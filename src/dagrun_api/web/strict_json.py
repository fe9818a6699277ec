"""JSON read strictly: what two readers could understand differently is refused.

orjson settles the syntax (and refuses NaN, numbers too large, lone surrogates, bytes that are no UTF-8, and nesting
beyond 1024); the standard library then tells of keys that stand twice, which no fast parser does.
"""

from __future__ import annotations

import json
import math
from typing import cast

import orjson

from dagrun_api.errors import InvalidRequest

__all__ = ["MAX_DEPTH", "loads"]

MAX_DEPTH = 64
"""Levels of nesting."""

_MAX_INTEGER_DIGITS = 19


def loads(text: bytes | str, what: str) -> object:
    """Return the value; raises `InvalidRequest`, which calls the text by what it is."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"{what} is not valid JSON (line {error.lineno}, column {error.colno}): send one JSON object in UTF-8."
        ) from error
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise InvalidRequest(_too_deep(what)) from error
    except _Refused as error:
        raise InvalidRequest(f"{what} {error}.") from error
    _check(value, what, MAX_DEPTH)
    return value


class _Refused(ValueError):
    """A value that the parser met; the text completes a sentence that begins with what is read."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in members if keys.count(key) > 1)
        raise _Refused(f"has the key {json.dumps(twice[:80])} twice")
    return members


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) <= _MAX_INTEGER_DIGITS and -(2**63) <= (number := int(digits)) < 2**63:
        return number
    raise _Refused("holds an integer beyond 64 bits; send it as a string")


def _float(digits: str) -> float:
    if math.isfinite(number := float(digits)):
        return number
    raise _Refused("holds a number beyond 64 bits; send it as a string")


def _refuse_constant(name: str) -> object:
    raise _Refused(f"holds {name}, which is not JSON")


def _check(value: object, what: str, depth: int) -> None:
    if depth == 0:
        raise InvalidRequest(_too_deep(what))
    if isinstance(value, str):
        # PostgreSQL can keep it neither in text nor in jsonb.
        if "\0" in value:
            raise InvalidRequest(f"{what} holds a NUL character; leave it out.")
    elif isinstance(value, dict):
        for key, member in cast("dict[str, object]", value).items():
            _check(key, what, depth)
            _check(member, what, depth - 1)
    elif isinstance(value, list):
        for member in cast("list[object]", value):
            _check(member, what, depth - 1)


def _too_deep(what: str) -> str:
    return f"{what} is nested deeper than {MAX_DEPTH} levels; send a flatter one."
