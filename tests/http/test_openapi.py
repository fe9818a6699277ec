"""The document says what the routes do, and of everything in it what it means."""

from __future__ import annotations

import re
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
from tests.http.complaints import complaints
from tests.http.conftest import AiohttpClient, Api
from tests.http.documented import OPERATIONS

SCHEMAS: dict[str, dict[str, Any]] = document()["components"]["schemas"]


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
    window, listed = SCHEMAS["CreateRunsInWindow"], SCHEMAS["CreateRunsFromList"]
    both = {"dag_id", "prefix", "conf", "dry_run", "max_active_runs", "run_backwards"}
    assert set(window["properties"]) == both | {"start_date", "end_date", "limit", "partial"}
    assert set(listed["properties"]) == both | {"runs"}
    assert (window["required"], listed["required"]) == (["dag_id"], ["dag_id", "runs"])
    assert (window["properties"]["limit"]["minimum"], window["properties"]["limit"]["maximum"]) == (1, 500)


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ({"dag_id": "a"}, ["CreateRunsInWindow"]),
        ({"dag_id": "a", "start_date": "2017-09-01"}, ["CreateRunsInWindow"]),
        ({"dag_id": "a", "runs": [{"execution_date": "2017-09-01"}]}, ["CreateRunsFromList"]),
        ({"dag_id": "a", "runs": [{"execution_date": "2017-09-01"}], "limit": 1}, []),
        ({"start_date": "2017-09-01"}, []),
    ],
)
def test_a_body_is_a_window_or_a_list(body: dict[str, Any], kinds: list[str]) -> None:
    assert [each["$ref"].rpartition("/")[2] for each in SCHEMAS["CreateRuns"]["oneOf"]] == [
        "CreateRunsInWindow",
        "CreateRunsFromList",
    ]
    assert [
        name for name in ("CreateRunsInWindow", "CreateRunsFromList") if complaints(SCHEMAS[name], body) == []
    ] == kinds
    assert (complaints(SCHEMAS["CreateRuns"], body) == []) == (len(kinds) == 1)


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
    # The envelope is described once, at the head, and a list of objects by the description of the objects.
    silent = [place for place in silent if "$ref" not in found[place].get("items", {})]
    assert [place for place in silent if not place.endswith("/response")] == []


def test_every_object_and_every_set_of_words_has_a_name() -> None:
    inline = [
        place
        for place, schema in schemas(document())
        if schema.keys() & {"properties", "enum"} and not re.fullmatch(r"/components/schemas/\w+", place)
    ]
    assert inline == []


def schemas(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object of the document, apart from examples and maps of properties, with its place."""
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        if not place.endswith("/properties"):
            yield place, held
        for name, part in held.items():
            if name not in ("example", "examples"):
                yield from schemas(part, f"{place}/{name}")
    elif isinstance(value, list):
        for number, part in enumerate(cast("list[Any]", value)):  # type: ignore[redundant-cast]
            yield from schemas(part, f"{place}/{number}")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_is_named_after_its_operation(name: str) -> None:
    for media in OPERATIONS[name][2]["responses"]["200"]["content"].values():
        named = media["schema"].get("$ref", "").rpartition("/")[2]
        assert named in (f"{name.title().replace('_', '')}Answer", "OpenApiDocument") or name == "get_metrics"


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_a_path_names_may_be_unknown(name: str) -> None:
    _, path, told = OPERATIONS[name]
    assert ("404" in told["responses"]) == ("{" in path)


def test_operations_have_unique_names_and_each_tag_is_explained() -> None:
    operations = [operation for item in document()["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in document()["tags"]}
    assert all(operation["summary"] for operation in operations)


def test_the_defaults_are_those_of_a_minimal_request() -> None:
    absent = BatchRequest(dag_id="a")
    for kind, more in (("CreateRunsInWindow", ("limit", "partial")), ("CreateRunsFromList", ())):
        properties: dict[str, Any] = SCHEMAS[kind]["properties"]
        defaults = {name: rule["default"] for name, rule in properties.items() if "default" in rule}
        names = ("prefix", "conf", "dry_run", "run_backwards", *more)
        assert defaults == {name: getattr(absent, name) for name in names}


async def test_it_is_made_when_it_is_first_asked_for(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    document.cache_clear()
    api = await aiohttp_client(create_app(Settings(), store=world.store))
    assert document.cache_info().currsize == 0
    for _ in range(2):
        await api.get("/api/v1/openapi.json")
    assert (document.cache_info().misses, document.cache_info().hits) == (1, 1)
