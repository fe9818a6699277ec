"""A Python client for the API; it depends only on what goes over the wire.

    async with Client("http://127.0.0.1:8080", token=...) as client:
        async for created in client.backfill("hello", prefix="etl", start_date="2017-01-01"):
            print(len(created.dag_run_ids))
        progress = await client.wait("etl", "hello")

Every time that it returns is an aware UTC datetime. It accepts aware datetimes and strings; a naive datetime is a
ValueError. It raises these errors, with the server's error message, the HTTP status and the request id:

    ClientError
     ├── BadRequest         the request is not valid (400, 408, 413)
     ├── Unauthorized       the token is missing or wrong (401)
     ├── Forbidden          the token does not allow this: it may only read, or is for other DAGs (403)
     ├── NotFound           there is no such run, batch, DAG or path (404)
     ├── Conflict           the request conflicts with the current data (409)
     ├── ServerFault        an unexpected error in the service, which logs it with the request id (500)
     ├── ServerUnavailable  the service or its database is temporarily unavailable (502, 503, 504)
     ├── CannotConnect      the connection failed; nothing was sent
     ├── ConnectionLost     no complete answer arrived; the request may have been carried out
     ├── UnexpectedAnswer   the answer is not from this API
     └── StillRunning       `wait` or `watch` reached its time limit

Retries. The client retries every request whose connection fails. If the service is unavailable or its answer is lost,
it retries only the requests that are idempotent: reads, `set_paused`, `cancel`, and `create` with a start date or with
a list of runs, because dates that already have a run are skipped. If the first attempt did succeed, the retry reports
its runs in `skipped_dag_run_ids` instead of `dag_run_ids`, and `cancel` counts them as `ended`. The client does not
retry `create` without a start date, which would create a second run, nor `create` with `partial`, which would create
the next runs. It does retry `backfill`, which creates the next runs anyway.
"""

from __future__ import annotations

from dagrun_api.client.api import Client, Wanted
from dagrun_api.client.details import About, DagDetail
from dagrun_api.client.errors import (
    BadRequest,
    CannotConnect,
    ClientError,
    Conflict,
    ConnectionLost,
    Forbidden,
    NotFound,
    ServerFault,
    ServerUnavailable,
    StillRunning,
    Unauthorized,
    UnexpectedAnswer,
)
from dagrun_api.client.values import (
    Cancelled,
    Created,
    Dag,
    DagProgress,
    Instant,
    PlannedRun,
    Progress,
    Run,
    RunToCreate,
)

__all__ = [
    "About",
    "BadRequest",
    "Cancelled",
    "CannotConnect",
    "Client",
    "ClientError",
    "Conflict",
    "ConnectionLost",
    "Created",
    "Dag",
    "DagDetail",
    "DagProgress",
    "Forbidden",
    "Instant",
    "NotFound",
    "PlannedRun",
    "Progress",
    "Run",
    "RunToCreate",
    "ServerFault",
    "ServerUnavailable",
    "StillRunning",
    "Unauthorized",
    "UnexpectedAnswer",
    "Wanted",
]
