"""The operations on the service itself."""

from __future__ import annotations

from dagrun_api.web.openapi.operations.operation import Operation, payload
from dagrun_api.web.schemas.values import named

__all__ = ["GET_ABOUT", "GET_HEALTH", "GET_METRICS", "GET_OPENAPI", "GET_READINESS"]

_STATUS = {"type": "string", "description": "One word."}

GET_ABOUT = Operation(
    tag="service",
    summary="Get what this installation can do",
    description="The version of the service, the Airflow whose database it works on, and whether runs could be created "
    "now. It answers 200 also where they could not. Any token may read it.",
    answer=named("About"),
)

GET_OPENAPI = Operation(
    tag="service",
    summary="Get this document",
    description="The API as an OpenAPI 3.1 document. Any token may read it.",
    answer=named("OpenApiDocument"),
    is_enveloped=False,
)

GET_HEALTH = Operation(
    tag="service",
    summary="Check that the process is alive",
    description="For an orchestrator that restarts dead processes. It does not use the database.",
    answer=payload(status={**_STATUS, "const": "alive"}),
)

GET_READINESS = Operation(
    tag="service",
    summary="Check that the service can create runs",
    description="For a load balancer. Answers 200 if the database answers and nothing forbids the service to write: "
    "neither its schema, nor a read-only server or file, nor a missing privilege. Otherwise 503 with the reason. It "
    "asks the database at most once a second, however often it is called.",
    answer=payload(status={**_STATUS, "const": "ready"}),
)

GET_METRICS = Operation(
    tag="service",
    summary="Get metrics",
    description="Metrics for Prometheus, in its text format, or as OpenMetrics if `Accept` asks for it: requests, "
    "runs, the connection pool and database errors. Any token may read them.",
    answer={"type": "string"},
    is_enveloped=False,
    media_type="text/plain",
)
