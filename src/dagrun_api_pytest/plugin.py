"""The fixtures. A suite can override `dagrun_api_dags` and `dagrun_api_token`.

pytest imports this module in every run if dagrun-api is installed. The service itself is therefore imported by the
first test that uses a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from dagrun_api_pytest.dags import Dags

if TYPE_CHECKING:
    from dagrun_api_pytest.server import Server

__all__ = [
    "ServerFactory",
    "dagrun_api_dags",
    "dagrun_api_server",
    "dagrun_api_server_factory",
    "dagrun_api_token",
]


class ServerFactory(Protocol):
    """The type of the fixture `dagrun_api_server_factory`."""

    def __call__(self, dags: Dags | None = None, token: str | None = None) -> Server:
        """Start another server, which stops after the test; its DAGs default to `dagrun_api_dags`."""
        ...


@pytest.fixture
def dagrun_api_dags() -> Dags:
    """The DAGs of the server; override this fixture to set others. One runs daily at noon, one has no schedule."""
    return [
        {"dag_id": "hello", "schedule": "0 12 * * *", "start_date": datetime(2017, 1, 1, tzinfo=UTC)},
        {"dag_id": "on_demand"},
    ]


@pytest.fixture
def dagrun_api_token() -> str | None:
    """The token that the server requires; override this fixture to set one. By default it requires none."""
    return None


@pytest.fixture
def dagrun_api_server_factory(
    tmp_path_factory: pytest.TempPathFactory, dagrun_api_dags: Dags
) -> Iterator[ServerFactory]:
    """Start as many servers as a test needs, each with a separate database."""
    from dagrun_api_pytest.server import Server

    with ExitStack() as stack:

        def start(dags: Dags | None = None, token: str | None = None) -> Server:
            folder = tmp_path_factory.mktemp("dagrun_api")
            return stack.enter_context(Server(folder / "airflow.db", dagrun_api_dags if dags is None else dags, token))

        yield start


@pytest.fixture
def dagrun_api_server(dagrun_api_server_factory: ServerFactory, dagrun_api_token: str | None) -> Server:
    """The service, on a free port of 127.0.0.1, and a scheduler that the test controls."""
    return dagrun_api_server_factory(token=dagrun_api_token)
