"""The document says what the routes do, and of everything in it what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urljoin

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from dagrun_api import Settings, create_app
from dagrun_api.model import BatchRequest
from dagrun_api.web.openapi.document import document
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, Api


def test_it_is_valid() -> None:
    validate(document())


def test_it_has_every_route_and_no_other() -> None:
    documented = {(method.upper(), path) for path, item in document()["paths"].items() for method in item}
    served: set[tuple[str, str]] = set()
    for route in create_app(Settings(pages=False)).router.routes():
        assert isinstance(route.resource, web.Resource)
        path = route.resource.canonical.replace(":.+", "").replace(":true|false", "")
        if route.method != "HEAD":
            served.add((route.method, path))
    assert documented == served


def test_what_validates_is_what_is_documented() -> None:
    batch: dict[str, Any] = document()["components"]["schemas"]["Batch"]
    assert batch["required"] == ["dag_id"]
    assert set(batch["properties"]) == {
        "dag_id", "prefix", "start_date", "end_date", "limit", "partial", "conf", "dry_run", "runs",
        "max_active_runs", "run_backwards",
    }  # fmt: skip
    assert (batch["properties"]["limit"]["minimum"], batch["properties"]["limit"]["maximum"]) == (1, 500)


async def test_it_is_served(api: Api) -> None:
    assert await (await api.get("/api/v1/openapi.json")).json() == document()


@pytest.mark.parametrize(("mount", "prefix"), [("", "/api/v1"), ("/deep/airflow", "/api/v1"), ("/airflow", "/v")])
async def test_its_server_and_paths_are_right_wherever_it_is_mounted(
    world: MemoryWorld, aiohttp_client: AiohttpClient, mount: str, prefix: str
) -> None:
    app = create_app(Settings(prefix=prefix), store=world.store)
    if mount:
        host = web.Application()
        host.add_subapp(mount, app)
        app = host
    api = await aiohttp_client(app)
    place = f"{mount}{prefix}/openapi.json"
    told = await (await api.get(place)).json()
    base = urljoin(place, told["servers"][0]["url"]).removesuffix("/")
    assert base == mount
    for path in (f"{prefix}/dags", "/healthz"):
        assert path in told["paths"]
        assert (await api.get(base + path)).status == 200


def described(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each operation, parameter, header and property, with its place."""
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        for name, part in held.items():
            if name in ("example", "examples"):
                continue
            if name == "properties" and "/schemas/" in place:
                yield from ((f"{place}/{each}", rule) for each, rule in part.items())
            if "operationId" in held and name == "parameters":
                yield from ((f"{place}/{each.get('name')}", each) for each in part)
            yield from described(part, f"{place}/{name}")
        if "operationId" in held:
            yield place, held
    elif isinstance(value, list):
        parts = cast("list[Any]", value)  # type: ignore[redundant-cast]
        for number, part in enumerate(parts):
            yield from described(part, f"{place}/{number}")


def test_everything_has_a_description() -> None:
    found = dict(described(document()))
    assert len(found) > 60
    silent = [place for place, part in found.items() if "description" not in part and "$ref" not in part]
    # The envelope is described once, at the head.
    assert [place for place in silent if not place.endswith("/response")] == []


def test_operations_have_unique_names_and_each_tag_is_explained() -> None:
    operations = [operation for item in document()["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in document()["tags"]}
    assert all(operation["summary"] for operation in operations)


def test_the_defaults_are_those_of_a_minimal_request() -> None:
    absent = BatchRequest(dag_id="a")
    batch: dict[str, Any] = document()["components"]["schemas"]["Batch"]["properties"]
    defaults = {name: rule["default"] for name, rule in batch.items() if "default" in rule}
    names = ("prefix", "limit", "partial", "conf", "dry_run", "run_backwards")
    assert defaults == {name: getattr(absent, name) for name in names}


async def test_it_is_made_when_it_is_first_asked_for(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    document.cache_clear()
    api = await aiohttp_client(create_app(Settings(), store=world.store))
    assert document.cache_info().currsize == 0
    for _ in range(2):
        await api.get("/api/v1/openapi.json")
    assert (document.cache_info().misses, document.cache_info().hits) == (1, 1)
