"""The OpenAPI 3.1 document, made of the schemas that validate and of the operations as data.

Tests hold it against the routes, send each of its examples, and compare what it says of statuses with what happens.
"""

# apispec's own types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any, cast

from aiohttp import web
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from dagrun_api.web.envelope import json_response, without_database
from dagrun_api.web.openapi.components import ENVELOPED_ERROR, HEADERS, INFO, PARAMETERS, SECURITY_SCHEMES
from dagrun_api.web.openapi.examples import EXAMPLES, Example
from dagrun_api.web.openapi.operations import ERRORS, JSON, OPERATIONS, TAGS, Operation, ref
from dagrun_api.web.openapi.sentences import sentence
from dagrun_api.web.runtime import SETTINGS
from dagrun_api.web.schemas import responses as answers
from dagrun_api.web.schemas.requests import BatchSchema, RunToCreateSchema

__all__ = ["document", "serve"]

_SCHEMAS: dict[str, type[Schema]] = {
    "Dag": answers.DagSchema,
    "DagRun": answers.RunSchema,
    "Batch": BatchSchema,
    "RunToCreate": RunToCreateSchema,
    "PlannedRun": answers.PlannedRunSchema,
    "Result": answers.DryRunResultSchema,
    "Progress": answers.ProgressSchema,
    "BatchProgress": answers.BatchProgressSchema,
    "Cancellation": answers.CancellationSchema,
    "Paused": answers.PausedSchema,
}

_SOMETIMES = {"Result": {"runs"}}
"""Properties that an answer may lack."""

_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"bearer": []}, {}]
"""With the token, in either form, or without one where the service was given none."""

_ERROR_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 503: ("Retry-After",)}


@without_database
async def serve(request: web.Request) -> web.Response:
    """Answer the document itself, without the envelope."""
    return json_response(200, document(request.config_dict[SETTINGS].prefix))


@lru_cache(maxsize=8)
def document(prefix: str = "/api/v1") -> dict[str, Any]:
    """Return the document for the API below this prefix; it is made when it is first asked for."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="dagrun-api",
        version=version("dagrun-api"),
        openapi_version="3.1.0",
        info=dict(INFO),
        # Relative to the document, so that it holds below any path that the service is mounted or proxied at.
        servers=[{"url": "/".join([".."] * prefix.count("/")), "description": "This service, wherever it is mounted"}],
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        plugins=[plugin],
    )
    converter = plugin.converter
    if not isinstance(converter, OpenAPIConverter):
        raise TypeError("the marshmallow plugin has no converter")
    converter.add_attribute_function(_kind)  # type: ignore[no-untyped-call]
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, dict(scheme))
    for name, header in HEADERS.items():
        spec.components.header(name, dict(header))
    for name, parameter in PARAMETERS.items():
        spec.components.parameter(name, "header", {"name": name, **parameter})
    spec.components.schema("Error", dict(ENVELOPED_ERROR))
    for name, schema in _SCHEMAS.items():
        spec.components.schema(name, schema=schema)
    made = spec.to_dict()
    for name, schema in _SCHEMAS.items():
        described = made["components"]["schemas"][name]
        described["description"] = (schema.__doc__ or "").strip()
        if schema not in (BatchSchema, RunToCreateSchema):
            described["required"] = [each for each in described["properties"] if each not in _SOMETIMES.get(name, ())]
    for each in OPERATIONS:
        path = prefix + each.path if each.is_below_prefix else each.path
        made["paths"].setdefault(path, {})[each.method] = _operation(each, converter)
    return made


def _operation(each: Operation, converter: OpenAPIConverter) -> dict[str, Any]:
    examples = EXAMPLES[each.name]
    in_path = [{"name": name, "in": "path", "required": True, **rule} for name, rule in each.in_path.items()]
    parameters = [_with_examples(parameter, examples) for parameter in [*in_path, *_in_query(each, converter)]]
    conditional = [ref("parameters", "If-None-Match")] if each.is_conditional else []
    operation: dict[str, Any] = {
        "operationId": each.name,
        "tags": [each.tag],
        "summary": each.summary,
        "description": each.description,
        "parameters": [*parameters, *conditional, ref("parameters", "X-Request-ID")],
        "responses": _responses(each, examples),
        "security": [] if each.is_open else _SECURITY,
    }
    if each.body is not None:
        bodies = {one.name: {"summary": one.summary, "value": one.body} for one in examples}
        operation["requestBody"] = {
            "description": "One JSON object.",
            "required": True,
            "content": {JSON: {"schema": each.body, "examples": bodies}},
        }
    return operation


def _in_query(each: Operation, converter: OpenAPIConverter) -> list[dict[str, Any]]:
    if each.query is None:
        return []
    return cast("list[dict[str, Any]]", converter.schema2parameters(each.query(), location="query"))


def _with_examples(parameter: dict[str, Any], examples: tuple[Example, ...]) -> dict[str, Any]:
    name = parameter["name"]
    values = {
        each.name: {"summary": each.summary, "value": each.parameters[name]}
        for each in examples
        if name in each.parameters
    }
    return parameter | ({"examples": values} if values else {})


def _responses(each: Operation, examples: tuple[Example, ...]) -> dict[str, Any]:
    shown = {one.name: {"summary": one.summary, **_example(one, each)} for one in examples}
    answer = _enveloped(each.answer) if each.is_enveloped else each.answer
    content = {each.media_type: {"schema": answer, "examples": shown}}
    responses = {"200": {"description": "Done.", "headers": _headers(*each.headers), "content": content}}
    if each.is_conditional:
        responses["304"] = {"description": "As the client has it already.", "headers": _headers("ETag")}
    for status in sorted({*each.errors, 405}):
        told = {"response": {"error": sentence(each, status)}}
        responses[str(status)] = {
            "description": ERRORS[status],
            "headers": _headers(*_ERROR_HEADERS.get(status, ())),
            "content": {JSON: {"schema": ref("schemas", "Error"), "examples": {f"error_{status}": {"value": told}}}},
        }
    return responses


def _example(example: Example, operation: Operation) -> dict[str, Any]:
    if example.external is not None:
        return {"externalValue": example.external}
    return {"value": {"response": example.answer} if operation.is_enveloped else example.answer}


def _enveloped(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"response": payload}, "required": ["response"]}


def _headers(*names: str) -> dict[str, Any]:
    return {name: ref("headers", name) for name in (*names, "X-Request-ID")}


def _kind(_: OpenAPIConverter, field: fields.Field[Any], ret: Mapping[str, Any], **__: Any) -> dict[str, Any]:
    """What the kind of a field says, behind what the field says itself."""
    kind = cast("Mapping[str, Any]", getattr(field, "json_schema", {}))
    texts = [each["description"] for each in (ret, kind) if "description" in each]
    return {**kind, **({"description": " ".join(texts)} if texts else {})}
