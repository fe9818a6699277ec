"""The OpenAPI 3.1 document, made from the table of routes and the schemas that validate.

Tests send each of its examples, and compare every status that it documents with what the service does.
"""

# apispec's own types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from dagrun_api.web.openapi.components import HEADERS, INFO, PARAMETERS, SECURITY, SECURITY_SCHEMES
from dagrun_api.web.openapi.error_examples import error_example
from dagrun_api.web.openapi.examples import EXAMPLES, Example
from dagrun_api.web.openapi.operations.operation import ERRORS, JSON, TAGS, Operation, ref
from dagrun_api.web.openapi.schemas import add_schemas, complete_schemas, enveloped
from dagrun_api.web.route import Route
from dagrun_api.web.routes import API, MONITORING

__all__ = ["document"]

_ERROR_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 503: ("Retry-After",)}


@lru_cache(maxsize=8)
def document(prefix: str = "/api/v1") -> dict[str, Any]:
    """Return the document of the API below this prefix. It is made on the first call."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="dagrun-api",
        version=version("dagrun-api"),
        openapi_version="3.1.0",
        info=dict(INFO),
        # Relative to the document, so that it is right wherever the service is mounted or proxied.
        servers=[{"url": "/".join([".."] * prefix.count("/")), "description": "This service"}],
        tags=[{"name": name, **more} for name, more in TAGS.items()],
        security=list(SECURITY),
        plugins=[plugin],
    )
    converter = plugin.converter
    if not isinstance(converter, OpenAPIConverter):
        raise TypeError("the marshmallow plugin has no converter")
    converter.add_attribute_function(_kind)  # type: ignore[no-untyped-call]
    _add_components(spec)
    add_schemas(spec)
    made = spec.to_dict()
    schemas = made["components"]["schemas"]
    complete_schemas(schemas)
    for route in (*(each.below(prefix) for each in API), *MONITORING):
        if route.operation is not None:
            methods = made["paths"].setdefault(route.path, {})
            methods[route.method.lower()] = _operation(route, route.operation, converter, schemas)
    for methods in made["paths"].values():
        for operation in methods.values():
            operation["responses"]["405"] = _error(405, _method_not_allowed(methods))
    return made


def _add_components(spec: APISpec) -> None:
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, dict(scheme))
    for name, header in HEADERS.items():
        spec.components.header(name, dict(header))
    for name, parameter in PARAMETERS.items():
        spec.components.parameter(name, "header", {"name": name, **parameter})


def _operation(route: Route, told: Operation, converter: OpenAPIConverter, schemas: dict[str, Any]) -> dict[str, Any]:
    examples = EXAMPLES[route.name]
    parameters = [_with_examples(each, examples) for each in [*_in_path(route), *_in_query(route, converter)]]
    conditional = [ref("parameters", "If-None-Match")] if told.is_conditional else []
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [told.tag],
        "summary": told.summary,
        "description": told.description,
        "parameters": [*parameters, *conditional, ref("parameters", "X-Request-ID")],
        "responses": _responses(route, told, examples, schemas),
    }
    if not route.needs_token:
        operation["security"] = []
    if told.body is not None:
        bodies = {each.name: {"summary": each.summary, "value": each.body} for each in examples}
        operation["requestBody"] = {
            "description": "One JSON object.",
            "required": True,
            "content": {JSON: {"schema": told.body, "examples": bodies}},
        }
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": each.description,
            "schema": each.schema,
        }
        for name, each in route.parameters.items()
    ]


def _in_query(route: Route, converter: OpenAPIConverter) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    return cast("list[dict[str, Any]]", converter.schema2parameters(route.query, location="query"))


def _with_examples(parameter: dict[str, Any], examples: tuple[Example, ...]) -> dict[str, Any]:
    name = parameter["name"]
    values = {
        each.name: {"summary": each.summary, "value": each.parameters[name]}
        for each in examples
        if name in each.parameters
    }
    return parameter | ({"examples": values} if values else {})


def _responses(route: Route, told: Operation, examples: tuple[Example, ...], schemas: dict[str, Any]) -> dict[str, Any]:
    shown = {each.name: {"summary": each.summary, **_example(each, told)} for each in examples}
    answer = enveloped(route.name, told.answer, schemas) if told.is_enveloped else told.answer
    content = {told.media_type: {"schema": answer, "examples": shown}}
    responses = {"200": {"description": "Success.", "headers": _headers(*told.headers), "content": content}}
    if told.is_conditional:
        responses["304"] = {"description": "The client already has this answer.", "headers": _headers("ETag")}
    return responses | {str(each): _error(each, error_example(route.name, each)) for each in _errors(route, told)}


def _errors(route: Route, told: Operation) -> list[int]:
    # Every address can hold bytes that are not UTF-8.
    found = {400, *told.errors}
    if route.parameters:
        found.add(404)
    if route.needs_token:
        found.add(401)
    if route.checks_host:
        found.add(403)
    if route.uses_database:
        found |= {500, 503}
    return sorted(found)


def _error(status: int, sentence: str) -> dict[str, Any]:
    example = {f"error_{status}": {"value": {"response": {"error": sentence}}}}
    return {
        "description": ERRORS[status],
        "headers": _headers(*_ERROR_HEADERS.get(status, ())),
        "content": {JSON: {"schema": ref("schemas", "Error"), "examples": example}},
    }


def _method_not_allowed(methods: Collection[str]) -> str:
    allowed = [*(each.upper() for each in methods), *(["HEAD"] if "get" in methods else [])]
    return f"PUT is not allowed here; use {', '.join(sorted(allowed))}."


def _example(example: Example, told: Operation) -> dict[str, Any]:
    return {"value": {"response": example.answer} if told.is_enveloped else example.answer}


def _headers(*names: str) -> dict[str, Any]:
    return {name: ref("headers", name) for name in (*names, "X-Request-ID")}


def _kind(_: OpenAPIConverter, field: fields.Field[Any], ret: Mapping[str, Any], **__: Any) -> dict[str, Any]:
    """Return what the kind of a field says, after what the field says itself."""
    kind = cast("Mapping[str, Any]", getattr(field, "json_schema", {}))
    texts = [each["description"] for each in (ret, kind) if "description" in each]
    return {**kind, **({"description": " ".join(texts)} if texts else {})}
