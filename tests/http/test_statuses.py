"""The OpenAPI document lists exactly the statuses that each operation can answer, with their real sentences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.conftest import AiohttpClient
from tests.http.documented import OPERATIONS, content, provoke

DOCUMENTED = [(name, int(status)) for name, (_, _, told) in OPERATIONS.items() for status in told["responses"]]


@pytest.mark.parametrize(("name", "status"), DOCUMENTED)
async def test_each_documented_status_can_happen_with_its_headers(
    aiohttp_client: AiohttpClient, name: str, status: int
) -> None:
    response = await provoke(aiohttp_client, name, status)
    assert response.status == status, await response.text()
    for header in OPERATIONS[name][2]["responses"][str(status)]["headers"]:
        assert header in response.headers


@pytest.mark.parametrize(("name", "status"), [(name, status) for name, status in DOCUMENTED if status >= 400])
async def test_each_error_says_what_its_example_says(aiohttp_client: AiohttpClient, name: str, status: int) -> None:
    ((_, example),) = content(name, status)
    answered: dict[str, Any] = await (await provoke(aiohttp_client, name, status)).json()
    assert answered == example["value"]


@pytest.mark.parametrize("status", [200, 304, 400, 401, 403, 404, 405, 408, 409, 413, 500, 503])
@pytest.mark.parametrize("name", OPERATIONS)
async def test_no_other_status_happens(aiohttp_client: AiohttpClient, name: str, status: int) -> None:
    response = await provoke(aiohttp_client, name, status)
    assert (name, response.status) in DOCUMENTED
