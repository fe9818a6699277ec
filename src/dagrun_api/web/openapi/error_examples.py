"""An example of each error in the OpenAPI document. A test provokes every one of them and compares the sentences."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["error_example"]

_UNKNOWN = "Unknown parameter 'dag'; the known ones are dag_id."
_UNKNOWN_OF_BATCH = "Unknown parameter 'dag'; the known ones are dag_id, all_dags."
_UNKNOWN_OF_RETRY = "Unknown parameter 'dag'; the known ones are dag_id, all_dags, dry_run."
_NO_PARAMETER = "Unknown parameter 'limit'; this endpoint has no parameters."
_LIMITED = "The token etl is for the DAGs etl_* only: add ?dag_id= to name one."
_UNLISTED = "The token etl is for the DAGs etl_* only, not for 'hello': name one of them, or use another token."
_READ_ONLY = "The token dashboard may only read: use one with access = write for every POST, dry runs included."
_UNKNOWN_SCHEMA = (
    "This version was not tested with the schema of this Airflow (alembic head 0123456789ab); set "
    "allow_unknown_schema to write to it all the same, or wait while `airflow db migrate` is running."
)

_COMMON: Mapping[int, str] = {
    400: "The address holds bytes that are not UTF-8: send it as UTF-8, percent-encoded.",
    401: "A valid token is required: send the header Authorization: <token>.",
    403: "Without a token, this service does not answer to the host 'evil.example': use an IP address or localhost, or "
    "add the name to the option allowed_hosts.",
    408: "The body did not arrive within 10 seconds; send it faster.",
    413: "The body is larger than 65536 bytes; send a smaller one.",
    500: "Internal error; the log of the service has it under request id 4f1c.",
    503: "The database cannot be reached, or the connection to it was lost.",
}

_OWN: Mapping[str, Mapping[int, str]] = {
    "list_dags": {400: _NO_PARAMETER},
    "get_dag": {400: _NO_PARAMETER, 403: _UNLISTED, 404: "Dag id goodbye not found"},
    "list_latest_runs": {400: _NO_PARAMETER},
    "pause_dag": {400: _NO_PARAMETER, 403: _READ_ONLY, 404: "Dag id goodbye not found", 409: _UNKNOWN_SCHEMA},
    "list_ticks": {400: "limit must be at most 500, not '501'.", 403: _UNLISTED, 404: "Dag id goodbye not found"},
    "list_runs": {400: "limit must be at most 100, not '101'.", 403: _LIMITED},
    "create_runs": {400: "Limit cannot exceed 500", 403: _READ_ONLY, 409: _UNKNOWN_SCHEMA},
    "get_run": {
        400: _UNKNOWN,
        403: _LIMITED,
        404: "Dag run id not found",
        409: "Several DAGs have a run with this id: amsterdam_orders, hello; add ?dag_id= to choose one.",
    },
    "list_batches": {400: "limit must be at most 100, not '101'.", 403: _LIMITED},
    "get_batch": {400: _UNKNOWN, 403: _LIMITED, 404: "No run has the prefix nightly"},
    "pause_batch": {
        400: _UNKNOWN_OF_BATCH,
        403: _READ_ONLY,
        404: "No run has the prefix nightly",
        409: _UNKNOWN_SCHEMA,
    },
    "cancel_batch": {
        400: _UNKNOWN_OF_BATCH,
        403: _READ_ONLY,
        404: "No run has the prefix nightly",
        409: _UNKNOWN_SCHEMA,
    },
    "retry_batch": {
        400: _UNKNOWN_OF_RETRY,
        403: _READ_ONLY,
        404: "No run has the prefix nightly",
        409: _UNKNOWN_SCHEMA,
    },
    "get_about": {400: _NO_PARAMETER},
    "get_readiness": {503: "The service is shutting down."},
}
"""Name of a route -> its own examples."""


def error_example(route: str, status: int) -> str:
    """Return the sentence of this error on the route with this name."""
    return _OWN.get(route, {}).get(status) or _COMMON[status]
