"""What several operations have in common, as data for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ENVELOPED_ERROR", "HEADERS", "INFO", "PARAMETERS", "SECURITY_SCHEMES"]

INFO: Mapping[str, Any] = {
    "summary": "Lists DAGs and DAG runs of Apache Airflow, and creates batches of runs.",
    "description": 'Every answer is `{"response": {...}}`, and every error `{"response": {"error": "what is wrong, '
    'and what to send instead"}}`.\n\nTimes are UTC. Going out they read `2017-09-19 12:00:00.123456`, with '
    "the fraction only if there is one, and an absent value is the word `None`. Coming in, any date in ISO 8601 will "
    "do.\n\nParameters and keys that are not listed are refused; only what has the tag Service passes them over. What "
    "answers `GET` answers `HEAD`, too.\n\nExamples of one name belong together: the request that has it is answered "
    "with the example that has it.",
    "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
}

ENVELOPED_ERROR: Mapping[str, Any] = {
    "description": "Any error.",
    "type": "object",
    "properties": {
        "response": {
            "type": "object",
            "properties": {
                "error": {
                    "type": "string",
                    "description": "One sentence: what is wrong, and what to send instead.",
                    "minLength": 1,
                }
            },
            "required": ["error"],
            "additionalProperties": False,
        }
    },
    "required": ["response"],
    "additionalProperties": False,
}

SECURITY_SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The token as it is; only where the service was given one. A token may be for reading only, or "
        "for some DAGs only.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "The same token as `Bearer <token>`."},
}

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-ID": {
        "description": "A name for this request, which the answer and the log will have: 1 to 128 letters, digits and "
        "the characters `. _ : / + = @ -`. Anything else is replaced by a name of the service's own.",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "description": "The `ETag` of an earlier answer; while nothing has changed since, the answer is an empty 304.",
        "schema": {"type": "string"},
    },
}
"""Request headers."""

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-ID": {
        "description": "The name of the request: the client's own, or else a new one. The log has it, too.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:/+=@-]{1,128}$"},
        "example": "4f1c9d4e8b7a4c53a6d1f0b2c3e4d5f6",
    },
    "Link": {
        "description": "The next page, relative to this one; absent on the last page.",
        "schema": {"type": "string", "pattern": '^<[^>]+>; rel="next"$'},
        "example": '</api/v1/dag_runs?limit=2&start=2>; rel="next"',
    },
    "ETag": {
        "description": "Names what this answer says; for `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
        "example": '"0123456789abcdef0123456789abcdef"',
    },
    "Retry-After": {
        "description": "The seconds after which the same request may succeed.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 1,
    },
    "WWW-Authenticate": {
        "description": "How to send the token.",
        "required": True,
        "schema": {"type": "string", "const": "Bearer"},
        "example": "Bearer",
    },
    "Allow": {
        "description": "The methods that the path knows.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Z]+(, [A-Z]+)*$"},
        "example": "GET, HEAD",
    },
}
"""Response headers."""
