"""The document says what the routes do."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from openapi_spec_validator import validate

from dagrun_api import Settings, create_app
from dagrun_api.web.openapi import document
from tests.http.conftest import Api


def test_it_is_valid() -> None:
    validate(document())


def test_every_route_is_in_it_and_back() -> None:
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
    }  # fmt: skip
    assert (batch["properties"]["limit"]["minimum"], batch["properties"]["limit"]["maximum"]) == (1, 500)


async def test_it_is_served(api: Api) -> None:
    assert await (await api.get("/api/v1/openapi.json")).json() == document()
