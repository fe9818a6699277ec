"""The fixtures. A suite overrides `dagrun_api_dags` and `dagrun_api_token` to its needs.

pytest imports this module in every run where dagrun-api is installed, so it imports nothing of it: the service comes
with the first test that asks for a server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from dagrun_api_pytest.server import Server

__all__ = [
    "Dags",
    "ServerFactory",
    "dagrun_api_dags",
    "dagrun_api_server",
    "dagrun_api_server_factory",
    "dagrun_api_token",
]

Dags = str | Path | Sequence[Mapping[str, object]]
"""The path of a catalogue (TOML), or mappings with its keys: `{"dag_id": "etl", "schedule": "@daily"}`."""


class ServerFactory(Protocol):
    """What the fixture `dagrun_api_server_factory` is."""

    def __call__(self, dags: Dags | None = None, token: str | None = None) -> Server:
        """Start one more server, which ends with the test; without `dags`, with those of `dagrun_api_dags`."""
        ...


@pytest.fixture
def dagrun_api_dags() -> Dags:
    """The DAGs of the server: override it with your own. These run daily at noon, and when triggered."""
    return [
        {"dag_id": "hello", "schedule": "0 12 * * *", "start_date": datetime(2017, 1, 1, tzinfo=UTC)},
        {"dag_id": "on_demand"},
    ]


@pytest.fixture
def dagrun_api_token() -> str | None:
    """The token that the server asks for: override it with your own. None, the default, lets everybody in."""
    return None


@pytest.fixture
def dagrun_api_server_factory(
    tmp_path_factory: pytest.TempPathFactory, dagrun_api_dags: Dags
) -> Iterator[ServerFactory]:
    """Start as many servers as a test needs, each with a database of its own."""
    from dagrun_api_pytest.server import Server

    with ExitStack() as stack:

        def start(dags: Dags | None = None, token: str | None = None) -> Server:
            folder = tmp_path_factory.mktemp("dagrun_api")
            return stack.enter_context(Server(folder / "airflow.db", dagrun_api_dags if dags is None else dags, token))

        yield start


@pytest.fixture
def dagrun_api_server(dagrun_api_server_factory: ServerFactory, dagrun_api_token: str | None) -> Server:
    """The service, on a free port of 127.0.0.1, and a scheduler that does what the test tells it."""
    return dagrun_api_server_factory(token=dagrun_api_token)
