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
     ├── StillRunning       `wait` or `watch` reached its time limit
     ├── TooManyFailures    `backfill` reached `stop_after_failures`, and cancelled the runs that had not started
     ├── BatchCancelled     somebody cancelled the batch while `backfill` fed it
     ├── WouldHoldBack      the DAG runs one run at a time, so that a batch that is fed holds back its schedule
     └── ServiceTooOld      the service lacks an endpoint that the call needs

Retries. The client retries every request whose connection fails. If the service is unavailable or its answer is lost,
it retries only the requests that are idempotent: reads, `set_paused`, `set_batch_paused`, `cancel`, `retry`, and
`create` with a start date or with a list of runs, because dates that already have a run are skipped. If the first
attempt did succeed, the retry reports its runs in `skipped_dag_run_ids` instead of `dag_run_ids`, and `cancel` counts
them as `ended`. The client does not retry `create` without a start date, which would create a second run, nor `create`
with `partial`, which would create the next runs. It does retry `backfill`, which creates the next runs anyway; when it
feeds a batch, a retry creates only the runs that the first attempt was to create, so it keeps to the limit. If
`backfill` fails or is killed, the same call continues with what is missing. If the service may be away for minutes,
increase `tries`.
"""

from __future__ import annotations

from dagrun_api.client.api import Client
from dagrun_api.client.details import About, DagDetail, RunDetail, Tick
from dagrun_api.client.errors import (
    BadRequest,
    BatchCancelled,
    CannotConnect,
    ClientError,
    Conflict,
    ConnectionLost,
    Forbidden,
    NotFound,
    ServerFault,
    ServerUnavailable,
    ServiceTooOld,
    StillRunning,
    TooManyFailures,
    Unauthorized,
    UnexpectedAnswer,
    WouldHoldBack,
)
from dagrun_api.client.listed import Batch
from dagrun_api.client.retries import Retried
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
from dagrun_api.client.wanted import Wanted

__all__ = [
    "About",
    "BadRequest",
    "Batch",
    "BatchCancelled",
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
    "Retried",
    "Run",
    "RunDetail",
    "RunToCreate",
    "ServerFault",
    "ServerUnavailable",
    "ServiceTooOld",
    "StillRunning",
    "Tick",
    "TooManyFailures",
    "Unauthorized",
    "UnexpectedAnswer",
    "Wanted",
    "WouldHoldBack",
]
