"""A strict JSON reader. It refuses what two readers could understand differently, and what a database cannot store."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import cast

from dagrun_api.errors import InvalidRequest

__all__ = ["MAX_DEPTH", "loads"]

MAX_DEPTH = 64
"""Levels of nesting."""

_MAX_INTEGER_DIGITS = 19


def loads(text: bytes | str, what: str) -> object:
    """Return the value of a JSON text; raises `InvalidRequest`, in which `what` names the text."""
    try:
        value = json.loads(
            text.decode() if isinstance(text, bytes) else text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_refuse_constant,
        )
        _check(value, MAX_DEPTH)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest(f"{what} is not valid JSON ({place}): send one JSON object.") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{what} is not UTF-8: send one JSON object in UTF-8.") from error
    except RecursionError as error:
        raise InvalidRequest(f"{what} {_TOO_DEEP}.") from error
    except _Refused as error:
        raise InvalidRequest(f"{what} {error}.") from error
    return value


_TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels; send a flatter one"


class _Refused(ValueError):
    """The text is refused. The message continues a sentence that begins with the name of the text."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
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


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise _Refused(_TOO_DEEP)
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, member in cast("dict[str, object]", value).items():
            _check_text(key)
            _check(member, depth - 1)
    elif isinstance(value, list):
        for member in cast("list[object]", value):
            _check(member, depth - 1)


def _check_text(text: str) -> None:
    # PostgreSQL can store neither of these, in text or in jsonb.
    if "\0" in text:
        raise _Refused("holds a NUL character; leave it out")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise _Refused("holds half of a surrogate pair; leave it out") from error
