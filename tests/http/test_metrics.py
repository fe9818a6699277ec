"""What a scrape shows, and what it must not show."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from unittest.mock import patch

import pytest
from aiohttp import ClientError, web
from prometheus_client import REGISTRY
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parsed

import dagrun_api
from dagrun_api import AccessToken, Settings, create_app
from dagrun_api.errors import (
    ConfigurationError,
    DagrunApiError,
    Locked,
    OutcomeUnknown,
    PoolExhausted,
    PrivilegeMissing,
    SchemaMismatch,
    TimedOut,
    Unavailable,
    WritesRefused,
)
from dagrun_api.store import StoreState
from dagrun_api.web.metrics import NO_ROUTE, Metrics
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, Api, Serve, error

RUNS = "/api/v1/dag_runs"
BODY = {"dag_id": "secret_dag", "prefix": "secret_prefix", "start_date": "2017-09-01", "end_date": "2017-09-03T23:59"}


async def scrape(api: Api, path: str = "/metrics", token: str = "") -> dict[str, float]:
    """Return the value of each series, by its name and labels as they would be asked for."""
    response = await api.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = [each for family in parsed(await response.text()) for each in family.samples]
    series = {series_name(each.name, each.labels): each.value for each in samples}
    assert len(series) == len(samples), "no series is told twice"
    return series


def series_name(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inside}}}" if inside else name


def requests(route: str, status: int, method: str = "GET") -> str:
    return f'dagrun_api_requests_total{{method="{method}",route="{route}",status="{status}"}}'


async def test_each_answer_is_counted_by_route_method_and_status(api: Api, world: MemoryWorld) -> None:
    for _ in range(3):
        await api.get("/api/v1/dags")
    await api.head("/api/v1/dags")
    await api.get("/api/v1/dags?nonsense=1")
    for run_id in ("a", "b/c", "d"):
        await api.get(f"{RUNS}/{run_id}")
    await api.put("/api/v1/dags")
    await api.get("/")
    found = await scrape(api)
    assert found[requests("/api/v1/dags", 200)] == 3
    assert found[requests("/api/v1/dags", 200, "HEAD")] == 1
    assert found[requests("/api/v1/dags", 400)] == 1
    assert found[requests(RUNS + "/{dag_run_id}", 404)] == 3
    assert found[requests("(none)", 405, "PUT")] == 1
    assert found[requests("/", 200)] == 1
    assert (await scrape(api))[requests("/metrics", 200)] == 1


async def test_latencies_have_buckets_up_to_ten_seconds(api: Api, world: MemoryWorld) -> None:
    async def slow() -> list[object]:
        await asyncio.sleep(0.03)
        return []

    with patch.object(world.store, "dags", slow):
        await api.get("/api/v1/dags")
    found = await scrape(api)
    duration = "dagrun_api_request_duration_seconds"
    of_dags = 'method="GET",route="/api/v1/dags"'
    assert found[f'{duration}_bucket{{le="0.0001",{of_dags}}}'] == 0
    assert found[f'{duration}_bucket{{le="0.025",{of_dags}}}'] == 0
    assert found[f'{duration}_bucket{{le="10.0",{of_dags}}}'] == 1
    assert found[f'{duration}_bucket{{le="+Inf",{of_dags}}}'] == found[f"{duration}_count{{{of_dags}}}"] == 1
    assert 0.03 <= found[f"{duration}_sum{{{of_dags}}}"] < 10


async def test_a_request_without_an_answer_yet_is_in_progress(api: Api, world: MemoryWorld) -> None:
    begun, release = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> list[object]:
        begun.release()
        await release.wait()
        return []

    with patch.object(world.store, "dags", slow):
        asking = [asyncio.create_task(api.get("/api/v1/dags")) for _ in range(3)]
        for _ in asking:
            await begun.acquire()
        assert (await scrape(api))["dagrun_api_requests_in_progress"] == 4
        release.set()
        await asyncio.gather(*asking)
    assert (await scrape(api))["dagrun_api_requests_in_progress"] == 1, "the scrape itself"


async def test_a_request_without_an_answer_is_counted_as_499(api: Api, world: MemoryWorld) -> None:
    for raised in (ConnectionResetError(), asyncio.CancelledError()):
        with patch.object(world.store, "dags", side_effect=raised), suppress(ClientError):
            await api.get("/api/v1/dags", headers={"Connection": "close"})
    found = await scrape(api)
    assert found[requests("/api/v1/dags", 499)] == 2
    assert found["dagrun_api_requests_in_progress"] == 1


async def test_created_runs_are_counted_and_dry_runs_are_not(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("secret_dag")
    for _ in range(2):
        assert (await api.post(RUNS, json=BODY | {"dry_run": True})).status == 200
    for _ in range(2):
        assert (await api.post(RUNS, json=BODY)).status == 200
    await api.post("/api/v1/batches/secret_prefix/cancel")
    await api.post("/api/v1/dags/secret_dag/paused/true")
    found = await scrape(api)
    assert found["dagrun_api_runs_created_total"] == 3
    assert found["dagrun_api_runs_skipped_total"] == 3
    assert found["dagrun_api_runs_cancelled_total"] == 3
    assert found["dagrun_api_dry_runs_total"] == 2
    assert found["dagrun_api_batch_runs_count"] == 1, "a batch all of whose dates had a run made none"
    assert (found['dagrun_api_batch_runs_bucket{le="2.0"}'], found['dagrun_api_batch_runs_bucket{le="5.0"}']) == (0, 1)
    assert found['dagrun_api_writes_total{event="create_batch",result="done"}'] == 2
    assert found['dagrun_api_writes_total{event="cancel_batch",result="done"}'] == 1
    assert found['dagrun_api_writes_total{event="set_paused",result="done"}'] == 1


async def test_runs_of_native_backfills_are_counted_as_well(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("secret_dag")
    assert (await api.post(RUNS, json=BODY | {"max_active_runs": 1, "dry_run": True})).status == 200
    assert (await api.post(RUNS, json=BODY | {"max_active_runs": 1})).status == 200
    assert (await api.post("/api/v1/batches/secret_prefix/paused/true")).status == 200
    found = await scrape(api)
    assert found["dagrun_api_runs_created_total"] == 3
    assert found["dagrun_api_backfill_runs_created_total"] == 3
    assert found['dagrun_api_writes_total{event="pause_batch",result="done"}'] == 1


async def test_a_batch_with_an_unknown_outcome_is_counted_as_unknown(api: Api, world: MemoryWorld) -> None:
    assert (await scrape(api))['dagrun_api_writes_total{event="create_batch",result="unknown"}'] == 0
    await world.add_dag("secret_dag")
    with patch.object(world.store, "batch", side_effect=OutcomeUnknown("Perhaps.")):
        await error(await api.post(RUNS, json=BODY), 503)
    found = await scrape(api)
    assert found['dagrun_api_writes_total{event="create_batch",result="unknown"}'] == 1
    assert found["dagrun_api_runs_created_total"] == 0


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (Unavailable("It is away."), "unavailable"),
        (PoolExhausted("All are busy."), "pool"),
        (Locked("Another one writes."), "locked"),
        (TimedOut("It took too long."), "timeout"),
        (OutcomeUnknown("Perhaps."), "outcome_unknown"),
        (PrivilegeMissing("Not allowed."), "privilege"),
        (SchemaMismatch("Gone."), "schema_changed"),
        (WritesRefused("Unknown schema."), "writes_refused"),
        (ConfigurationError("Not Airflow's."), "not_airflow"),
    ],
)
async def test_errors_of_the_database_are_counted_by_kind(
    api: Api, world: MemoryWorld, raised: DagrunApiError, kind: str
) -> None:
    before = await scrape(api)
    with patch.object(world.store, "dags", side_effect=raised):
        await api.get("/api/v1/dags")
    with patch.object(world.store, "ready", side_effect=raised):
        assert (await api.get("/readyz")).status == 503
    after = await scrape(api)
    errors = {name for name in after if name.startswith("dagrun_api_database_errors_total")}
    assert len(errors) == 9
    assert {name for name in errors if after[name] != before[name]} == {
        f'dagrun_api_database_errors_total{{kind="{kind}"}}'
    }
    assert after[f'dagrun_api_database_errors_total{{kind="{kind}"}}'] == 2


async def test_a_mistake_of_the_client_is_no_database_error(api: Api) -> None:
    await api.get(f"{RUNS}/nowhere")
    await api.post(RUNS, json={})
    found = await scrape(api)
    assert not any(value for name, value in found.items() if name.startswith("dagrun_api_database_errors"))


async def test_an_internal_error_is_counted(api: Api, world: MemoryWorld) -> None:
    assert (await scrape(api))["dagrun_api_unexpected_errors_total"] == 0
    with patch.object(world.store, "dags", side_effect=RuntimeError("secret")):
        await api.get("/api/v1/dags")
    found = await scrape(api)
    assert (found["dagrun_api_unexpected_errors_total"], found[requests("/api/v1/dags", 500)]) == (1, 1)


async def test_the_versions_and_the_database_are_shown(api: Api) -> None:
    text = await (await api.get("/metrics")).text()
    assert re.search(
        r'^dagrun_api_build_info\{aiohttp="3[.0-9]+",python="3[.0-9]+",version="[.0-9]+"\} 1.0$', text, re.M
    )
    assert 'dagrun_api_database_info{backend="memory",layout="standalone"} 1.0\n' in text
    assert "process_" not in text, "the process is not ours"


async def test_openmetrics_is_answered_to_every_spelling_of_the_header(api: Api) -> None:
    for version in ("", ";version=1.0.0", ";version=x", ";version=\u0663", ";version=1;escaping=no", ";;=,,"):
        response = await api.get("/metrics", headers={"Accept": f"application/openmetrics-text{version},*/*;q=0.1"})
        assert response.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        families = {family.name for family in openmetrics.text_string_to_metric_families(await response.text())}  # type: ignore[no-untyped-call]
        assert {"dagrun_api_requests", "dagrun_api_request_duration_seconds"} <= families


# --- bounds ---


async def test_thousands_of_paths_make_few_series(api: Api, world: MemoryWorld) -> None:
    async def ask(number: int) -> None:
        await api.get(f"/{number}/x")
        await api.get(f"{RUNS}/{number}")

    for start in range(0, 5_000, 50):
        await asyncio.gather(*(ask(number) for number in range(start, start + 50)))
    # Those that the parser in C knows; the one in Python lets anything pass.
    for method in ("MKCOL", "PURGE", "REPORT", "TRACE", "LINK", "SUBSCRIBE"):
        assert (await api.request(method, "/api/v1/dags")).status in (400, 405)
    found = await scrape(api)
    assert found[requests("(none)", 404)] == found[requests(RUNS + "/{dag_run_id}", 404)] == 5_000
    counted = {name for name in found if name.startswith("dagrun_api_requests_total")}
    assert counted <= {
        requests("(none)", 404),
        requests(RUNS + "/{dag_run_id}", 404),
        requests("(none)", 405, "OTHER"),
    }
    assert len(found) < 150


async def test_unknown_methods_share_one_series() -> None:
    metrics = Metrics(lambda: StoreState("SQLite", "standalone"))
    for number in range(10_000):
        metrics.answered(NO_ROUTE, f"METHOD{number}", 405, 0.001)
    text = metrics.exposition("")[0].decode()
    assert re.findall(r"^dagrun_api_requests_total.*", text, re.M) == [
        'dagrun_api_requests_total{method="OTHER",route="(none)",status="405"} 10000.0'
    ]


# --- who may see it ---

TOKENS = (
    AccessToken(name="secret-reader", token="t-reader", access="read"),
    AccessToken(name="secret-etl", token="t-etl", dags=("etl_*",)),
)


async def test_the_metrics_need_a_token_and_any_token_works(serve: Serve) -> None:
    api = await serve(token="t-default", tokens=TOKENS)
    for token in ("t-default", "t-reader", "t-etl"):
        await scrape(api, token=token)
    for headers in ({}, {"Authorization": "wrong"}):
        await error(await api.get("/metrics", headers=headers), 401)
    assert (await scrape(api, token="t-etl"))[requests("/metrics", 401)] == 2


async def test_it_names_no_dag_prefix_run_or_token(serve: Serve, world: MemoryWorld) -> None:
    await world.add_dag("secret_dag")
    api = await serve(token="secret-default", tokens=TOKENS)
    headers = {"Authorization": "secret-default", "X-Request-ID": "secret-id"}
    for path in (f"{RUNS}/secret_run", "/api/v1/batches/secret_prefix", "/secret_path?secret=1"):
        await api.get(path, headers=headers)
    assert (await api.post(RUNS, json=BODY, headers=headers)).status == 200
    await error(await api.post(RUNS, json=BODY, headers={"Authorization": "t-etl"}), 403)
    response = await api.get("/metrics", headers=headers)
    text = await response.text()
    assert 'dagrun_api_writes_total{event="write",result="refused"} 1.0' in text
    assert "secret" not in text
    assert "etl" not in text


async def test_head_is_answered_without_a_body_and_post_is_not_allowed(api: Api) -> None:
    assert await (await api.head("/metrics")).read() == b""
    assert (await api.post("/metrics")).status == 405


# --- several in one process ---


async def test_below_a_host_the_routes_have_the_same_names(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    host = web.Application()
    dagrun_api.setup(host, prefix="/deep/airflow", settings=Settings(), store=world.store)
    client = await aiohttp_client(host)
    await client.get("/deep/airflow/api/v1/dags")
    await client.get("/deep/airflow/nowhere")
    found = await scrape(client, "/deep/airflow/metrics")
    assert found[requests("/api/v1/dags", 200)] == 1
    assert found[requests("(none)", 404)] == 1
    assert (await client.get("/metrics")).status == 404


async def test_each_application_has_its_own_registry(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    before = {family.name for family in REGISTRY.collect()}
    host = web.Application()
    for name in ("one", "two"):
        host.add_subapp(f"/{name}", create_app(Settings(), store=world.store))
    client = await aiohttp_client(host)
    await client.get("/one/api/v1/dags")
    assert (await scrape(client, "/one/metrics"))[requests("/api/v1/dags", 200)] == 1
    assert requests("/api/v1/dags", 200) not in await scrape(client, "/two/metrics")
    assert {family.name for family in REGISTRY.collect()} == before


async def test_a_store_without_a_pool_has_no_series_about_it(api: Api, world: MemoryWorld) -> None:
    with patch.object(world.store, "state", return_value=StoreState("Memory", "model")):
        found = await scrape(api)
    assert found['dagrun_api_database_info{backend="Memory",layout="model"}'] == 1
    assert not any(name.startswith("dagrun_api_pool") for name in found)
