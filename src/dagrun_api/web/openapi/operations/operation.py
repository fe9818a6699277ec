"""The documentation of one route, and what several of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagrun_api.web.schemas.values import named

__all__ = ["ERRORS", "JSON", "TAGS", "Operation", "many", "payload", "ref"]

JSON = "application/json"


def _tag(title: str, description: str) -> dict[str, str]:
    return {"x-displayName": title, "description": description}


TAGS = {
    "dags": _tag("DAGs", "The DAGs in the DagBag."),
    "runs": _tag("DAG runs", "List runs, and create them in batches."),
    "batches": _tag(
        "Batches", "Follow, cancel or retry a batch. Its name is the prefix of its run ids: `<prefix>_<number>_<date>`."
    ),
    "service": _tag("Service", "The service itself."),
}
"""Tag, as generators name modules after it -> what it says, in reading order."""

ERRORS = {
    400: "The request is not valid. The sentence says what to send instead.",
    401: "The token is missing or wrong.",
    403: "The token does not allow this request: it is read-only, or limited to other DAGs. With a limited token, "
    "`dag_id` may be required. If the service has no token: it does not answer to this host.",
    404: "The path names something that does not exist.",
    405: "The path does not support this method. The header `Allow` lists the supported ones.",
    408: "The body took too long to arrive.",
    409: "The state of the data forbids it: several DAGs have this run, or the service must not write to this schema.",
    413: "The body is too large.",
    500: "Internal error. The log of the service has it under the request id.",
    503: "The database cannot answer now. The header `Retry-After` says when to retry.",
}
"""Status -> what it means."""


def ref(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a component of the document."""
    return {"$ref": f"#/components/{kind}/{name}"}


def many(name: str) -> dict[str, Any]:
    """Return the schema of a list of such components."""
    return {"type": "array", "items": named(name)}


def payload(**properties: Any) -> dict[str, Any]:
    """Return the schema of a payload with these properties."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The documentation of one route."""

    tag: str
    summary: str
    description: str
    answer: Mapping[str, Any]
    """The schema of the payload in the envelope, or of the whole answer if it has no envelope."""
    errors: tuple[int, ...] = ()
    """The error statuses that do not follow from the entry of the route."""
    body: Mapping[str, Any] | None = None
    """The schema of the request body."""
    headers: tuple[str, ...] = ()
    """The response headers of a 200, apart from the request id."""
    is_conditional: bool = False
    """Whether the route supports `If-None-Match` and answers 304."""
    is_enveloped: bool = True
    media_type: str = JSON
