"""What the schemas of all answers share."""

from __future__ import annotations

from typing import cast

from marshmallow import Schema

__all__ = ["NONE_YET", "dumped"]

NONE_YET = "`None` if there is none yet."


def dumped(schema: Schema, value: object) -> dict[str, object]:
    """Return a model value as JSON data; with a schema for many, the result is a list in spite of its type."""
    return cast("dict[str, object]", schema.dump(value))
