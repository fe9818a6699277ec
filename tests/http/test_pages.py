"""The files of the pages, and the headers that they are served with."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from aiohttp import web

import dagrun_api
from dagrun_api.web.ui.pages import PATHS
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, Serve, error

STATIC = files("dagrun_api.web.ui").joinpath("static")


@pytest.mark.parametrize("path", PATHS)
async def test_each_file_is_served_with_or_without_a_token(serve: Serve, path: str) -> None:
    api = await serve(token="s3cret")
    response = await api.get(path)
    assert response.status == 200
    assert await response.read()
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = await api.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    assert (await api.head(path)).headers["ETag"] == response.headers["ETag"]


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_may_be_run_or_loaded_from_elsewhere(serve: Serve, path: str) -> None:
    policy = (await (await serve()).get(path)).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert not re.search(r"unsafe|https?:|\*|data:", policy)


def test_each_file_has_its_path() -> None:
    assert sorted(PATHS.values()) == sorted(
        f"{folder.name}/{file.name}"
        for folder in STATIC.iterdir()
        for file in folder.iterdir()
        if not file.name.endswith(".html") or file.name in ("index.html", "reference.html")
    )


async def test_the_page_holds_each_template_and_links_each_look(serve: Serve) -> None:
    text = await (await (await serve()).get("/")).text()
    assert "{{" not in text
    for folder in STATIC.iterdir():
        for file in folder.iterdir():
            if file.name.endswith(".html") and file.name not in ("index.html", "reference.html"):
                assert file.read_text() in text
            if file.name.endswith(".css") and folder.name != "reference":
                assert f'href="static/{folder.name}/{file.name}"' in text


def test_the_files_are_small_in_all() -> None:
    size = sum(len(file.read_bytes()) for folder in STATIC.iterdir() for file in folder.iterdir())
    assert size < 300_000


async def test_they_can_be_switched_off(serve: Serve) -> None:
    api = await serve(pages=False)
    for path in PATHS:
        await error(await api.get(path), 404)


@pytest.mark.parametrize("prefix", ["/api/v1", "/v"])
async def test_a_page_finds_the_api_wherever_it_is_mounted(
    world: MemoryWorld, aiohttp_client: AiohttpClient, prefix: str
) -> None:
    host = web.Application()
    host.add_subapp("/deep/airflow", dagrun_api.create_app(store=world.store, prefix=prefix))
    api = await aiohttp_client(host)
    for path in ("/deep/airflow/", "/deep/airflow/reference"):
        page = await api.get(path)
        found = re.search(r'rel="service-desc"[^>]* href="([^"]+)"', await page.text())
        assert found
        document = await api.get(page.url.join(type(page.url)(found[1])).path)
        assert (await document.json())["openapi"].startswith("3.1")


@pytest.mark.parametrize("mount", ["/airflow", "/deep/air:flow"])
async def test_a_mount_without_a_slash_redirects_to_the_page(
    world: MemoryWorld, aiohttp_client: AiohttpClient, mount: str
) -> None:
    host = web.Application()
    host.add_subapp(mount, dagrun_api.create_app(store=world.store))
    api = await aiohttp_client(host)
    response = await api.get(mount)
    assert (response.status, response.url.path) == (200, f"{mount}/")
    assert "service-desc" in await response.text()
    assert (await api.get(f"{mount}x")).status == 404


@pytest.mark.parametrize("path", [path for path in PATHS if path.endswith(".js")])
async def test_answers_of_the_api_never_become_markup_or_code(serve: Serve, path: str) -> None:
    script = await (await (await serve()).get(path)).text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)
    assert not re.search(r"localStorage|document\.cookie", script)
