"""The examples of the OpenAPI document. Each request gets exactly the answer in the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dagrun_api.web.openapi.document import document
from tests.http.complaints import complaints
from tests.http.conftest import AiohttpClient
from tests.http.documented import (
    OPERATIONS,
    application,
    ask,
    content,
    example_world,
    is_as_shown,
    request_of,
)

EXAMPLES = [(name, example) for name in OPERATIONS for example, _ in content(name, 200)]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
async def test_each_request_gets_the_answer_in_the_document(
    aiohttp_client: AiohttpClient, name: str, example: str
) -> None:
    api = await aiohttp_client(application(await example_world()))
    asked = request_of(name, example)
    response = await ask(api, asked)
    assert response.status == 200, await response.text()
    assert is_as_shown(await response.text(), dict(content(name, 200))[example]["value"]), await response.text()
    for header, rule in OPERATIONS[name][2]["responses"]["200"]["headers"].items():
        resolved = document()["components"]["headers"][rule["$ref"].rpartition("/")[2]]
        assert header in response.headers or not resolved.get("required")
        if header in response.headers:
            text = response.headers[header]
            assert complaints(resolved["schema"], int(text) if text.isdecimal() else text) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_an_example_of_every_answer(name: str) -> None:
    for status in OPERATIONS[name][2]["responses"]:
        assert list(content(name, int(status))) or status == "304"


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_example_of_a_request_has_an_answer(name: str) -> None:
    answered = {example for example, _ in content(name, 200)}
    assert {example for _, _, examples in asked_with(name) for example in examples} <= answered


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_example_fits_its_schema(name: str) -> None:
    for place, schema, examples in asked_with(name):
        for example, shown in examples.items():
            assert complaints(schema, shown["value"]) == [], (place, example)
    for status, response in OPERATIONS[name][2]["responses"].items():
        for media in response.get("content", {}).values():
            for example, shown in media["examples"].items():
                assert complaints(media["schema"], shown["value"]) == [], (status, example)


@pytest.mark.parametrize("kind", ["headers", "parameters"])
def test_each_example_of_a_header_fits_its_schema(kind: str) -> None:
    for header in document()["components"][kind].values():
        assert "example" not in header or complaints(header["schema"], header["example"]) == []


def test_an_answer_that_violates_the_schema_is_found() -> None:
    ((_, shown),) = content("cancel_batch", 200)
    schema = OPERATIONS["cancel_batch"][2]["responses"]["200"]["content"]["application/json"]["schema"]
    wrong = {"response": {**shown["value"]["response"], "cancelled": "1"}}
    assert complaints(schema, wrong) == ["'1' is not of type 'integer'"]


async def test_the_link_of_a_page_is_the_one_in_the_document_and_works(aiohttp_client: AiohttpClient) -> None:
    api = await aiohttp_client(application(await example_world()))
    page = await ask(api, request_of("list_runs", "page"))
    assert page.headers["Link"] == document()["components"]["headers"]["Link"]["example"]
    following = await (await api.get(page.headers["Link"][1:].partition(">")[0])).json()
    assert [run["id"] for run in following["response"]["dag_runs"]] == [3, 4]


def asked_with(name: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each parameter and body of an operation: its name, its schema, and its examples."""
    told = OPERATIONS[name][2]
    for parameter in told["parameters"]:
        if "examples" in parameter:
            yield parameter["name"], parameter["schema"], parameter["examples"]
    for media in told.get("requestBody", {"content": {}})["content"].values():
        yield "body", media["schema"], media["examples"]
