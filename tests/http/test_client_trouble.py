"""The client with a service that is unreachable, slow or broken, or that is not this API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

import dagrun_api
from dagrun_api import Settings
from dagrun_api.client import (
    BadRequest,
    BatchCancelled,
    CannotConnect,
    Client,
    ClientError,
    ConnectionLost,
    Forbidden,
    NotFound,
    RunToCreate,
    ServerFault,
    ServerUnavailable,
    ServiceTooOld,
    Unauthorized,
    UnexpectedAnswer,
)
from dagrun_api.client.watching import Watch
from tests.databases.worlds import MemoryWorld

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

Act = Callable[[Client], Awaitable[object]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

DAGS: Any = {"dags": []}
PROGRESS: Any = {
    "prefix": "etl",
    "total": 1,
    "states": {"queued": 1},
    "percent_done": 0.0,
    "first_execution": "None",
    "last_execution": "None",
    "dags": [],
}


def answered(status: int, payload: object, **headers: str) -> web.Response:
    text = json.dumps({"response": payload})
    return web.Response(status=status, text=text, headers={name.replace("_", "-"): headers[name] for name in headers})


class Fake:
    """A server with prepared answers; None closes the connection, and a number is a pause in seconds before that."""

    def __init__(self) -> None:
        self.answers: list[web.Response | float | None] = []
        self.requests: list[web.Request] = []
        self.url = ""

    def will(self, *answers: web.Response | float | None) -> None:
        self.answers = list(answers)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, web.Response):
            return answer
        if answer is not None:
            await asyncio.sleep(answer)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    fake = Fake()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.serve)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/"))
        yield fake


@pytest.fixture
async def client(fake: Fake) -> AsyncIterator[Client]:
    async with Client(fake.url, timeout=0.5, tries=3, backoff=0.01) as client:
        yield client


class Lossy:
    """The real application, with a middleware that loses answers after the request was carried out."""

    def __init__(self) -> None:
        self.losses = 0
        self.requests = 0
        self.client: Client

    @web.middleware
    async def lose(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        self.requests += 1
        if self.losses:
            self.losses -= 1
            assert request.transport is not None
            request.transport.abort()
        return response


@pytest.fixture
async def lossy(world: MemoryWorld) -> AsyncIterator[Lossy]:
    await world.add_dag("a")
    lossy = Lossy()
    app = web.Application(middlewares=[lossy.lose])
    dagrun_api.setup(app, prefix="/lossy", settings=Settings(), store=world.store)
    async with TestServer(app) as server, Client(str(server.make_url("/lossy")), tries=3, backoff=0.01) as client:
        lossy.client = client
        yield lossy


# --- lost answers ---


async def test_a_window_with_a_lost_answer_is_created_once(lossy: Lossy, world: MemoryWorld) -> None:
    lossy.losses = 2
    created = await lossy.client.create("a", prefix="etl", start_date=NOON, end_date=NOON + DAY)
    assert (lossy.requests, created.dag_run_ids, len(created.skipped_dag_run_ids)) == (3, (), 2)
    assert [run.execution_date for run in world.store.stored_runs] == [NOON, NOON + DAY]


async def test_a_list_with_a_lost_answer_is_created_once(lossy: Lossy, world: MemoryWorld) -> None:
    lossy.losses = 1
    created = await lossy.client.create("a", runs=[RunToCreate(NOON)])
    assert (lossy.requests, created.skipped, len(world.store.stored_runs)) == (2, 1, 1)


async def test_a_retried_cancel_counts_its_runs_as_ended(lossy: Lossy) -> None:
    await lossy.client.create("a", prefix="etl", start_date=NOON, end_date=NOON + DAY)
    lossy.losses = 1
    cancelled = await lossy.client.cancel("etl")
    assert (cancelled.cancelled, cancelled.ended) == (0, 2)


async def test_a_backfill_with_lost_answers_is_exact(lossy: Lossy, world: MemoryWorld) -> None:
    end = NOON + 24 * DAY
    calls = 0
    lossy.losses = 1
    async for _ in lossy.client.backfill("a", start_date=NOON, end_date=end, limit=10):
        calls += 1
        lossy.losses = 1
    assert [run.execution_date for run in world.store.stored_runs] == [NOON + day * DAY for day in range(25)]
    assert calls == 2, "the request with the lost answer had created its runs"


async def test_feeding_with_lost_answers_keeps_the_limit(lossy: Lossy, world: MemoryWorld) -> None:
    runs, most, lost_at = world.store.stored_runs, 0, 0

    async def lose_answers_and_end_runs() -> None:
        nonlocal most, lost_at
        while True:
            # Never all tries of one request.
            if lossy.requests > lost_at + 2:
                lossy.losses, lost_at = 1, lossy.requests
            active = [place for place, run in enumerate(runs) if run.state == "queued"]
            most = max(most, len(active))
            for place in active[:1]:
                runs[place] = runs[place]._replace(state="success")
            await asyncio.sleep(0.005)

    trouble = asyncio.create_task(lose_answers_and_end_runs())
    window: Any = {"prefix": "etl", "start_date": NOON, "end_date": NOON + 9 * DAY}
    async for _ in lossy.client.backfill("a", **window, max_active_runs=3, feed=True, poll=0.01):
        pass
    trouble.cancel()
    assert [run.execution_date for run in runs] == [NOON + day * DAY for day in range(10)]
    assert most <= 3


NOT_IDEMPOTENT: dict[str, Act] = {
    "a run now": lambda client: client.create("a"),
    "a window from now": lambda client: client.create("a", end_date=datetime.now(UTC) + DAY),
    "partial": lambda client: client.create("a", start_date=NOON, limit=1, partial=True),
}


@pytest.mark.parametrize("act", NOT_IDEMPOTENT.values(), ids=NOT_IDEMPOTENT)
async def test_a_request_that_is_not_idempotent_is_not_retried(lossy: Lossy, world: MemoryWorld, act: Act) -> None:
    lossy.losses = 1
    with pytest.raises(ConnectionLost, match=r"closed the connection early; the request may have been carried out\.$"):
        await act(lossy.client)
    assert lossy.requests == 1
    assert len(world.store.stored_runs) <= 1


async def test_a_run_now_is_not_retried_after_a_503(fake: Fake, client: Client) -> None:
    # The database may have failed in the middle of the commit.
    fake.will(answered(503, {"error": "Lost."}, Retry_After="0"))
    with pytest.raises(ServerUnavailable, match=r"^Lost\.$"):
        await client.create("a")
    assert len(fake.requests) == 1


# --- unreachable services ---


ACTS: dict[str, Act] = {
    "a read": lambda client: client.dags(),
    "a run now": lambda client: client.create("a"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_a_refused_connection_is_retried(world: MemoryWorld, act: Act) -> None:
    await world.add_dag("a")
    port = unused_port()
    server = TestServer(dagrun_api.create_app(Settings(), store=world.store), port=port)
    async with Client(f"http://127.0.0.1:{port}", tries=8, backoff=0.05) as client:
        acting = asyncio.ensure_future(act(client))
        await asyncio.sleep(0.2)
        async with server:
            assert await acting is not None
    assert len(world.store.stored_runs) <= 1


async def test_a_connection_that_is_always_refused_is_an_error() -> None:
    async with Client(f"http://127.0.0.1:{unused_port()}", tries=3, backoff=0.01) as client:
        with pytest.raises(CannotConnect, match="cannot be reached: Connection refused"):
            await client.dags()


async def test_retries_wait_as_told_and_share_a_request_id(fake: Fake, client: Client) -> None:
    fake.will(answered(503, {"error": "Busy."}, Retry_After="1"), answered(200, DAGS))
    began = monotonic()
    assert await client.dags() == []
    assert 1 <= monotonic() - began < 1.5
    assert len({request.headers["X-Request-ID"] for request in fake.requests}) == 1


async def test_the_number_of_tries_is_limited(fake: Fake, client: Client) -> None:
    fake.will(*(answered(503, {"error": f"Busy {number}."}) for number in range(9)))
    with pytest.raises(ServerUnavailable, match=r"^Busy 2\.$") as raised:
        await client.dags()
    assert (raised.value.status, len(fake.requests)) == (503, 3)


async def test_a_silent_service_is_a_timeout(fake: Fake, client: Client) -> None:
    fake.will(1.0, answered(200, DAGS))
    assert await client.dags() == []
    fake.will(1.0)
    with pytest.raises(ConnectionLost, match="took too long to answer"):
        await client.create("a")


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_gateway_error_of_a_proxy_is_retried(fake: Fake, client: Client, status: int) -> None:
    fake.will(web.Response(status=status, text="<h1>Oops</h1>"), answered(200, DAGS))
    assert await client.dags() == []
    fake.will(*(web.Response(status=status, text="<h1>Oops</h1>") for _ in range(3)))
    with pytest.raises(ServerUnavailable, match=rf"answered {status} .* without giving a reason\."):
        await client.dags()


# --- unexpected answers ---


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, Unauthorized), (403, Forbidden), (404, NotFound), (413, BadRequest), (500, ServerFault)],
)
async def test_each_error_has_a_class_and_is_not_retried(
    fake: Fake, client: Client, status: int, kind: type[ClientError]
) -> None:
    fake.will(answered(status, {"error": "No."}, X_Request_ID="server-id"))
    with pytest.raises(kind, match=r"^No\.$") as raised:
        await client.dags()
    assert (type(raised.value), raised.value.status, raised.value.request_id) == (kind, status, "server-id")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<h1>Welcome</h1>", content_type="text/html"),
        web.Response(text="[]"),
        web.Response(text='{"dags": []}'),
        web.Response(body=b"\xff\xfe"),
        web.Response(status=404, text="Not Found"),
        web.Response(status=302, headers={"Location": "/login"}),
        web.Response(status=500, text="Oops"),
    ],
    ids=lambda answer: f"{answer.status} {answer.text or ''}" if answer.body != b"\xff\xfe" else "bytes",
)
async def test_an_answer_of_another_server_is_recognised(fake: Fake, client: Client, answer: web.Response) -> None:
    fake.will(answer)
    with pytest.raises(UnexpectedAnswer, match=f"answered {answer.status} .*not an answer of this API") as raised:
        await client.dags()
    assert raised.value.status == answer.status


@pytest.mark.parametrize("payload", [{}, {"dags": None}, {"dags": [{"dag_id": "a"}]}, {"dags": ["a"]}])
async def test_an_incomplete_answer_is_a_client_error(fake: Fake, client: Client, payload: object) -> None:
    fake.will(answered(200, payload))
    with pytest.raises(UnexpectedAnswer, match="a different version"):
        await client.dags()


async def test_unknown_fields_of_an_answer_are_ignored(fake: Fake, client: Client) -> None:
    dag = {"dag_id": "a", "is_active": True, "full_path": "None", "last_execution": "None", "colour": "red"}
    fake.will(answered(200, {"dags": [dag], "mood": "good"}))
    assert [each.dag_id for each in await client.dags()] == ["a"]


async def test_a_server_that_does_not_speak_http_is_an_error(fake: Fake) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server, Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(UnexpectedAnswer, match="does not speak HTTP"):
            await client.dags()


# --- pages and ETags ---


async def test_the_next_page_is_fetched_from_the_clients_address(fake: Fake, client: Client) -> None:
    link = '<http://inside.example/elsewhere/dag_runs?limit=100&start=17>; rel="next"'
    fake.will(answered(200, {"dag_runs": []}, Link=link), answered(200, {"dag_runs": []}))
    assert [run async for run in client.runs(dag_id="a&b")] == []
    assert [request.path for request in fake.requests] == ["/api/v1/dag_runs"] * 2
    assert dict(fake.requests[1].query) == {"dag_id": "a&b", "limit": "100", "start": "17"}


async def test_watch_sends_the_etag_of_the_last_answer(fake: Fake, client: Client) -> None:
    fake.will(
        answered(200, PROGRESS, ETag='"1"'),
        web.Response(status=304, headers={"ETag": '"1"'}),
        answered(200, PROGRESS | {"states": {"running": 1}}, ETag='"2"'),
        answered(200, PROGRESS | {"states": {"success": 1}}, ETag='"3"'),
    )
    seen = [progress.states async for progress in client.watch("etl", poll=0.01)]
    assert seen == [{"queued": 1}, {"running": 1}, {"success": 1}]
    tags = [request.headers.get("If-None-Match") for request in fake.requests]
    assert tags == [None, '"1"', '"1"', '"2"']


# --- feeding ---


async def test_a_service_without_about_is_too_old_to_limit(fake: Fake, client: Client) -> None:
    options: Any
    for options in ({"max_active_runs": 3}, {"feed": True}):
        fake.will(answered(404, {"error": "There is no such path."}))
        with pytest.raises(ServiceTooOld, match="too old to limit"):
            await anext(client.backfill("a", start_date=NOON, **options))


async def test_a_batch_that_somebody_cancels_is_fed_no_further(fake: Fake, client: Client) -> None:
    watch = Watch(client, "etl", "a", None, None)
    # Of these counts, the service tells cancelled runs apart; one of them was put back into the queue.
    for cancelled in (4, 4, 3):
        fake.will(answered(200, PROGRESS | {"states": {"failed": 9}, "cancelled": cancelled}))
        assert await watch.look_while_feeding() is not None
    fake.will(answered(200, PROGRESS | {"states": {"failed": 10}, "cancelled": 4}))
    with pytest.raises(BatchCancelled, match="The batch etl was cancelled: no further runs are created"):
        await watch.look_while_feeding()


async def test_progress_of_an_older_service_lacks_what_is_new(fake: Fake, client: Client) -> None:
    fake.will(answered(200, PROGRESS))
    progress = await client.progress("etl")
    assert (progress.backfill_id, progress.max_active_runs, progress.is_paused, progress.cancelled) == (None,) * 4
    known = {"backfill_id": 7, "max_active_runs": 3, "is_paused": False}
    fake.will(answered(200, PROGRESS | known), answered(200, PROGRESS | dict.fromkeys(known, "None")))
    progress = await client.progress("etl")
    assert (progress.backfill_id, progress.max_active_runs, progress.is_paused) == (7, 3, False)
    progress = await client.progress("etl")
    assert (progress.backfill_id, progress.max_active_runs, progress.is_paused) == (None,) * 3
