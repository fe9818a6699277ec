"""The named schemas of the OpenAPI document.

The answer of the operation `list_dags` is the envelope `ListDagsAnswer`. What it holds is `ListDagsResponse`, unless
that is an object with a name of its own, such as `BatchProgress`.
"""

# apispec's own types are partial.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from marshmallow import Schema

from dagrun_api.web.openapi.components import SCHEMAS
from dagrun_api.web.schemas.requests.creation import FromListSchema, InWindowSchema, RunToCreateSchema
from dagrun_api.web.schemas.responses.batches import (
    BatchProgressSchema,
    BatchSchema,
    CancellationSchema,
    PausedBatchSchema,
    ProgressSchema,
    RetrySchema,
)
from dagrun_api.web.schemas.responses.creation import DryRunResultSchema, PlannedRunSchema
from dagrun_api.web.schemas.responses.dags import DagDetailSchema, DagSchema, PausedSchema
from dagrun_api.web.schemas.responses.runs import RunDetailSchema, RunSchema
from dagrun_api.web.schemas.responses.service import AboutSchema
from dagrun_api.web.schemas.responses.ticks import TickSchema, TicksSchema
from dagrun_api.web.schemas.values import VALUES, named

__all__ = ["add_schemas", "complete_schemas", "enveloped"]

_REQUESTS: dict[str, type[Schema]] = {
    "CreateRunsInWindow": InWindowSchema,
    "CreateRunsFromList": FromListSchema,
    "RunToCreate": RunToCreateSchema,
}

_ANSWERS: dict[str, type[Schema]] = {
    "Dag": DagSchema,
    "DagDetail": DagDetailSchema,
    "PausedDag": PausedSchema,
    "DagRun": RunSchema,
    "DagRunDetail": RunDetailSchema,
    "PlannedRun": PlannedRunSchema,
    "CreatedRuns": DryRunResultSchema,
    "Batch": BatchSchema,
    "DagProgress": ProgressSchema,
    "BatchProgress": BatchProgressSchema,
    "PausedBatch": PausedBatchSchema,
    "CancelledRuns": CancellationSchema,
    "RetriedRuns": RetrySchema,
    "Tick": TickSchema,
    "Ticks": TicksSchema,
    "About": AboutSchema,
}

_SOMETIMES = {"CreatedRuns": {"runs"}}
"""The properties that an answer may leave out."""


def add_schemas(spec: APISpec) -> None:
    """Add every named schema, apart from those of envelopes."""
    for name, value in {**SCHEMAS, **VALUES}.items():
        spec.components.schema(name, dict(value))
    for name, schema in (_REQUESTS | _ANSWERS).items():
        spec.components.schema(name, schema=schema)


def complete_schemas(schemas: dict[str, Any]) -> None:
    """Add what the marshmallow plugin leaves out: descriptions, which properties are always there, and no others."""
    for name, schema in (_REQUESTS | _ANSWERS).items():
        schemas[name]["description"] = (schema.__doc__ or "").strip()
        # Newer releases of apispec say so themselves.
        schemas[name]["additionalProperties"] = False
    for name in _ANSWERS:
        schemas[name]["required"] = [
            each for each in schemas[name]["properties"] if each not in _SOMETIMES.get(name, ())
        ]


def enveloped(operation_id: str, payload: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Add the schemas of the answer of an operation; return the reference to its envelope."""
    name = operation_id.title().replace("_", "")
    if "$ref" not in payload:
        schemas[f"{name}Response"] = {"description": f"What a `{name}Answer` holds.", **payload}
        payload = named(f"{name}Response")
    schemas[f"{name}Answer"] = {
        "description": f"The answer of `{operation_id}`.",
        "type": "object",
        "properties": {"response": payload},
        "required": ["response"],
        "additionalProperties": False,
    }
    return named(f"{name}Answer")
