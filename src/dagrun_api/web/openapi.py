"""The OpenAPI 3.1 document, made of the same schemas that validate; a test holds it against the routes."""

# apispec's own types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Any, cast

from aiohttp import web
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from dagrun_api.model import MAX_BATCH
from dagrun_api.web.columns import Stamp, Word, WordedTruth
from dagrun_api.web.envelope import json_response, without_database
from dagrun_api.web.fields import Choice, Count, Instant, JsonObject, Start, Text, Truth
from dagrun_api.web.keys import SETTINGS
from dagrun_api.web.schemas import (
    BatchProgressSchema,
    BatchSchema,
    CancellationSchema,
    DagSchema,
    DryRunResultSchema,
    PausedSchema,
    PlannedRunSchema,
    ProgressSchema,
    RunQuerySchema,
    RunSchema,
    RunsQuerySchema,
    RunWishes,
    RunWishSchema,
)

__all__ = ["document", "serve"]

_JSON = "application/json"

_ERRORS = {
    400: "The request cannot be accepted; the sentence says what to send instead.",
    401: "No token, or a wrong one.",
    403: "The token does not allow this: it may only read, or is for other DAGs; `dag_id` may have to be given.",
    404: "There is no such run or path.",
    405: "The method is not allowed here; the header Allow names those that are.",
    408: "The body took too long to arrive.",
    409: "The state of the data forbids it: several DAGs have this run, or this schema must not be written to.",
    413: "The body is too large.",
    500: "A fault of the service; the request id leads to it in the log.",
    503: "The database cannot answer now; the header Retry-After says when to repeat the request.",
}

_ANYWHERE = (401, 500)

_NO_NUL = "^[^\\u0000]*$"

_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {}]
"""With the token, or without one where the service was given none."""


@without_database
async def serve(request: web.Request) -> web.Response:
    """Answer the document itself, without the envelope."""
    return json_response(200, document(request.config_dict[SETTINGS].prefix))


@lru_cache(maxsize=8)
def document(prefix: str = "/api/v1") -> dict[str, Any]:
    """Return the document for the API below this prefix."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="dagrun-api",
        version=version("dagrun-api"),
        openapi_version="3.1.0",
        info={"description": "Lists DAGs and DAG runs of Apache Airflow, and creates batches of runs. Times are UTC."},
        plugins=[plugin],
    )
    converter = plugin.converter
    if not isinstance(converter, OpenAPIConverter):
        raise TypeError("the marshmallow plugin has no converter")
    converter.add_attribute_function(_type)  # type: ignore[no-untyped-call]
    spec.components.security_scheme(
        "token",
        {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The token as it is, or `Bearer <token>`; only where the service was given one. "
            "A token may be for reading only, or for some DAGs only.",
        },
    )
    spec.components.schema("Error", {"type": "object", "properties": {"error": {"type": "string"}}})
    for name, schema in (
        ("Dag", DagSchema),
        ("DagRun", RunSchema),
        ("Batch", BatchSchema),
        ("RunWish", RunWishSchema),
        ("PlannedRun", PlannedRunSchema),
        ("Result", DryRunResultSchema),
        ("Progress", ProgressSchema),
        ("BatchProgress", BatchProgressSchema),
        ("Cancellation", CancellationSchema),
        ("Paused", PausedSchema),
    ):
        spec.components.schema(name, schema=schema)
    _add_paths(spec, converter, prefix)
    return spec.to_dict()


def _add_paths(spec: APISpec, converter: OpenAPIConverter, prefix: str) -> None:
    def query(schema: type[Schema]) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", converter.schema2parameters(schema(), location="query"))

    def many(name: str) -> dict[str, Any]:
        return {"type": "array", "items": _ref(name)}

    def in_path(name: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": schema or {"type": "string"}}

    spec.path(
        f"{prefix}/dags",
        operations={
            "get": _operation("Every DAG in the DagBag that the token is for", {"dags": many("Dag")}, 400, 503)
        },
    )
    creation = _operation("Create a batch of runs, all or none", _ref("Result"), 400, 403, 408, 409, 413, 503)
    creation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref("Batch")}}}
    spec.path(
        f"{prefix}/dag_runs",
        operations={
            "get": _operation("One page of runs", {"dag_runs": many("DagRun")}, 400, 403, 503)
            | {"parameters": query(RunsQuerySchema)},
            "post": creation,
        },
    )
    spec.path(
        f"{prefix}/dag_runs/{{dag_run_id}}",
        operations={
            "get": _operation("One run", {"dag_run": _ref("DagRun")}, 400, 403, 404, 409, 503)
            | {"parameters": [in_path("dag_run_id"), *query(RunQuerySchema)]}
        },
    )
    spec.path(
        f"{prefix}/latest_runs",
        operations={
            "get": _operation(
                "The latest run of each DAG that the token is for", {"dag_runs": many("DagRun")}, 400, 503
            )
        },
    )
    paused = in_path("paused", {"type": "string", "enum": ["true", "false"]})
    spec.path(
        f"{prefix}/dags/{{dag_id}}/paused/{{paused}}",
        operations={
            "post": _operation("Pause a DAG, or let it go on", _ref("Paused"), 400, 403, 404, 409, 503)
            | {"parameters": [in_path("dag_id"), paused]}
        },
    )
    batch = {"parameters": [in_path("prefix"), *query(RunQuerySchema)]}
    progress = _operation("How far a batch is", _ref("BatchProgress"), 400, 403, 404, 503)
    progress["responses"]["304"] = {"description": "As the client has it already (If-None-Match)."}
    spec.path(f"{prefix}/batches/{{prefix}}", operations={"get": progress | batch})
    spec.path(
        f"{prefix}/batches/{{prefix}}/cancel",
        operations={
            "post": _operation("End the runs that have not started", _ref("Cancellation"), 400, 403, 404, 409, 503)
            | batch
        },
    )
    spec.path(
        f"{prefix}/openapi.json",
        operations={
            "get": {
                "summary": "This document",
                "responses": {
                    "200": {"description": "Success", "content": {_JSON: {"schema": {"type": "object"}}}},
                    "401": _response(_ERRORS[401], _ref("Error")),
                },
                "security": _SECURITY,
            }
        },
    )
    text = {"description": "Success", "content": {"text/plain": {"schema": {"type": "string"}}}}
    errors = {str(each): _response(_ERRORS[each], _ref("Error")) for each in _ANYWHERE}
    counted = {"summary": "What was counted, for Prometheus", "responses": {"200": text, **errors}}
    spec.path("/metrics", operations={"get": counted | {"security": _SECURITY}})
    status = {"status": {"type": "string"}}
    alive, ready = _operation("The process lives", status), _operation("Runs can be created", status, 503)
    for path, operation in (("/healthz", alive), ("/readyz", ready)):
        operation["responses"].pop("401")
        if operation is alive:
            # It asks nothing of anybody, so nothing can go wrong.
            operation["responses"].pop("500")
        spec.path(path, operations={"get": operation | {"security": []}})


def _operation(summary: str, payload: dict[str, Any], *errors: int) -> dict[str, Any]:
    content = payload if "$ref" in payload else {"type": "object", "properties": payload, "required": list(payload)}
    responses = {"200": _response("Success", content)}
    for status in sorted({*errors, *_ANYWHERE}):
        responses[str(status)] = _response(_ERRORS[status], _ref("Error"))
    return {"summary": summary, "responses": responses, "security": _SECURITY}


def _response(description: str, payload: dict[str, Any]) -> dict[str, Any]:
    envelope = {"type": "object", "properties": {"response": payload}, "required": ["response"]}
    return {"description": description, "content": {_JSON: {"schema": envelope}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _type(_: OpenAPIConverter, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    """The JSON type of our own kinds of fields."""
    match field:
        case Choice() | Text() | Word():
            return {"type": "string"} if isinstance(field, Choice | Word) else {"type": "string", "pattern": _NO_NUL}
        case Start():
            return {"type": ["integer", "string"]}
        case Instant():
            return {"type": "string", "format": "date-time", "examples": ["2017-09-01T12:00:00Z"]}
        case Stamp():
            return {"type": "string", "examples": ["2017-09-19 12:00:00", "None"]}
        case Count():
            return {"type": "integer", "description": "Also as digits."}
        case Truth():
            return {"type": "boolean", "description": "Also as a word."}
        case WordedTruth():
            return {"type": "string", "enum": ["True", "False"]}
        case RunWishes():
            return {"type": "array", "items": _ref("RunWish"), "minItems": 1, "maxItems": MAX_BATCH}
        case JsonObject():
            return {"type": "object", "description": "Also as a string that holds one."}
        case _:
            return {}
