"""The table of routes: what follows from an entry, and what no entry can forget."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from dagrun_api import Settings, create_app
from dagrun_api.web.openapi.examples import EXAMPLES
from dagrun_api.web.route import Route
from dagrun_api.web.routes import API, MONITORING, PAGES, ROUTES
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, Api, Serve, error

VALUES = {"dag_id": "a", "dag_run_id": "a/b", "paused": "true", "prefix": "a"}

SERVED = [*(each.below("/api/v1") for each in API), *MONITORING, *(each for each in PAGES if each.path)]
"""Every route that a request can reach in an application that stands alone."""


def named(route: Route) -> str:
    return route.name


def url(route: Route) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: VALUES[found[1]].replace("/", "%2F"), route.path)


def test_each_route_has_its_own_name_and_its_own_handler() -> None:
    assert len({each.name for each in ROUTES}) == len({each.handler for each in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_is_documented_with_an_example_or_is_a_page(route: Route) -> None:
    assert (route.operation is None) == (route in PAGES)
    assert (route.name in EXAMPLES) == (route not in PAGES)


def test_only_the_probes_and_pages_are_open() -> None:
    assert {each for each in ROUTES if not each.needs_token} == {*MONITORING[:2], *PAGES}
    assert [each.name for each in MONITORING[:2]] == ["get_health", "get_readiness"]


@pytest.mark.parametrize("route", SERVED, ids=named)
async def test_a_route_needs_a_token_unless_its_entry_says_not(serve: Serve, route: Route) -> None:
    api = await serve(token="s3cret")
    response = await api.request(route.method, url(route))
    assert response.status == (401 if route.needs_token else 200)


async def test_a_route_that_is_missing_from_the_table_needs_a_token(
    world: MemoryWorld, aiohttp_client: AiohttpClient
) -> None:
    async def extra(request: web.Request) -> web.Response:
        return web.Response(text="extra")

    app = create_app(Settings(token="s3cret"), store=world.store)
    app.router.add_get("/extra", extra)
    api = await aiohttp_client(app)
    await error(await api.get("/extra"), 401)
    assert (await api.get("/extra", headers={"Authorization": "s3cret"})).status == 200


@pytest.mark.parametrize("route", SERVED, ids=named)
async def test_a_request_is_counted_under_the_path_of_its_entry(api: Api, route: Route) -> None:
    await (await api.request(route.method, url(route))).read()
    text = await (await api.get("/metrics")).text()
    counted = re.findall(r'^dagrun_api_requests_total\{method="(\w+)",route="([^"]*)"', text, re.M)
    # The scrape itself is counted after its own answer.
    assert counted == [(route.method, route.path)]


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/dags", "/dags"),
        ("/dag_runs/{dag_run_id}", "/dag_runs/{dag_run_id:(?s:.+)}"),
        ("/dags/{dag_id}/paused/{paused}", "/dags/{dag_id:[^/]+}/paused/{paused:true|false}"),
    ],
)
def test_the_router_gets_the_patterns_of_parameters(path: str, resource: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        raise NotImplementedError

    assert Route("x", "GET", path, handler).resource == resource
