"""The client of the API, for Python programs; it knows nothing of the service but what goes over the wire.

    async with Client("http://127.0.0.1:8080", token=...) as client:
        async for created in client.backfill("hello", prefix="etl", start_date="2017-01-01"):
            print(len(created.dag_run_ids))
        progress = await client.wait("etl", "hello")

Every time is an aware UTC datetime; an aware datetime or a string may be given, a naive datetime is a ValueError.
What goes wrong is raised as one of these, with the server's own sentence, the status, and the request id:

    ClientError
     ├── BadRequest         the request cannot be accepted as it was sent (400, 408, 413)
     ├── Unauthorized       no token, or a wrong one (401)
     ├── Forbidden          the token does not allow it: it may only read, or is for other DAGs (403)
     ├── NotFound           there is no such run, batch, DAG or path (404)
     ├── Conflict           the state of the data forbids it (409)
     ├── ServerFault        a fault of the service, which its log tells of under the request id (500)
     ├── ServerUnavailable  the service or its database cannot answer now (502, 503, 504)
     ├── CannotConnect      there was no connection; nothing was sent
     ├── ConnectionLost     there was no answer, or only half of one; what was asked may have been done
     ├── UnexpectedAnswer   what answered is not this API
     └── StillRunning       `wait` or `watch` reached its time limit

Tries. A connection that cannot be made is tried again, for every request. When the service is unavailable or its
answer gets lost, a request is sent again only where doing it twice comes to the same: reads, `set_paused`, `cancel`,
and creating runs between dates or on listed ones, since dates that have a run are skipped. Such a repetition finds the
runs standing: their ids are then in `skipped_dag_run_ids` and not in `dag_run_ids` (and what `cancel` had ended is
counted as `ended`). Never sent again is a creation without a start date, which makes a run at the moment, nor one with
`partial`, which would go on with the runs after those; to go on is what `backfill` is for, so it does send again.
"""

from __future__ import annotations

from dagrun_api.client.api import Client, Wanted
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
    "BadRequest",
    "Cancelled",
    "CannotConnect",
    "Client",
    "ClientError",
    "Conflict",
    "ConnectionLost",
    "Created",
    "Dag",
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
