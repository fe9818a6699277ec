"""What several operations share, as data for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagrun_api.web.schemas.values import named

__all__ = ["HEADERS", "INFO", "PARAMETERS", "SCHEMAS", "SECURITY", "SECURITY_SCHEMES"]

INFO: Mapping[str, Any] = {
    "summary": "Lists DAGs and DAG runs of Apache Airflow, and creates batches of runs.",
    "description": 'Every answer is `{"response": {...}}`, and every error is `{"response": {"error": "what is wrong, '
    'and what to send instead"}}`.\n\nTimes are in UTC. In answers they look like `2017-09-19 12:00:00.123456`, with '
    "the fraction only if it is not zero, and an absent value is the word `None`. In requests, any ISO 8601 date is "
    "accepted.\n\nThe schema of an answer is named after its operation: `ListDagsAnswer` is the envelope of the answer "
    "of `list_dags`, and `ListDagsResponse` is what it holds, unless that is an object with a name of its own, such as "
    "`BatchProgress`. The schema `Absent` is the word `None`.\n\nUnknown parameters and keys are refused; only "
    "endpoints with the tag `service` ignore them. Every endpoint that supports `GET` also supports `HEAD`.\n\n"
    "Examples with the same name belong together: a request example gets the answer example of its name.",
    "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
}

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "Error": {
        "description": "The answer of every request that fails.",
        "type": "object",
        "properties": {"response": named("ErrorResponse")},
        "required": ["response"],
        "additionalProperties": False,
    },
    "ErrorResponse": {
        "description": "What an `Error` holds.",
        "type": "object",
        "properties": {
            "error": {
                "description": "One sentence: what is wrong, and what to send instead.",
                "type": "string",
                "minLength": 1,
            }
        },
        "required": ["error"],
        "additionalProperties": False,
    },
    "CreateRuns": {
        "description": "The body that creates runs: those of a window, or those of an explicit list.",
        "oneOf": [named("CreateRunsInWindow"), named("CreateRunsFromList")],
    },
    "OpenApiDocument": {
        "description": "An OpenAPI document.",
        "type": "object",
        "additionalProperties": True,
    },
}
"""Schemas that validate nothing here."""

SECURITY_SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The token itself, if the service has tokens. A token may be read-only, or limited to some "
        "DAGs.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "The same token as `Bearer <token>`."},
}

SECURITY: Sequence[Mapping[str, Sequence[str]]] = ({"token": []}, {"bearer": []}, {})
"""A token in either form, or none if the service has no token."""

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-ID": {
        "description": "An id for this request, which the answer and the log repeat: 1 to 128 letters, digits and the "
        "characters `. _ : / + = @ -`. The service replaces any other value by a new id.",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "description": "The `ETag` of an earlier answer. If nothing has changed since, the answer is an empty 304.",
        "schema": {"type": "string"},
    },
}
"""Request headers."""

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of the request: the one that the client sent, or a new one. The log has it as well.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:/+=@-]{1,128}$"},
        "example": "4f1c9d4e8b7a4c53a6d1f0b2c3e4d5f6",
    },
    "Link": {
        "description": "The address of the next page, relative to this one. The last page has no such header.",
        "schema": {"type": "string", "pattern": '^<[^>]+>; rel="next"$'},
        "example": '</api/v1/dag_runs?limit=2&start=2>; rel="next"',
    },
    "ETag": {
        "description": "The version of this answer, to be sent as `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
        "example": '"0123456789abcdef0123456789abcdef"',
    },
    "Retry-After": {
        "description": "After how many seconds to retry.",
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
        "description": "The methods that the path supports.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Z]+(, [A-Z]+)*$"},
        "example": "GET, HEAD",
    },
}
"""Response headers."""
