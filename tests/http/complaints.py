"""What is wrong with a value according to the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from dagrun_api.web.openapi.document import document

__all__ = ["complaints"]

_DOCUMENT = Registry[Any]().with_resource("/", DRAFT202012.create_resource(document()))


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """Return what is wrong with a value according to a schema of the document."""
    # A reference within the document, as seen from the outside.
    outside = json.loads(json.dumps(schema).replace('"#/', '"/#/'))
    validator = Draft202012Validator(outside, registry=_DOCUMENT, format_checker=FormatChecker())
    return [str(error.message) for error in validator.iter_errors(value)]  # pyright: ignore[reportUnknownMemberType]
