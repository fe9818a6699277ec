"""The service on a SQLite file, in a separate thread, so that a test can use any client, synchronous or not."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from dagrun_api.catalogue import load, read
from dagrun_api.model import CatalogueDag
from dagrun_api.settings import Settings
from dagrun_api.store import StoreOptions
from dagrun_api.web.app import create_app
from dagrun_api_pytest.background import Background
from dagrun_api_pytest.dags import Dags
from dagrun_api_pytest.outage import Outage
from dagrun_api_pytest.runs import Run, Runs
from dagrun_api_pytest.scheduler import Scheduler
from dagrun_api_sqlite import open_store

__all__ = ["Server"]

_HOST = "127.0.0.1"
_SHUTDOWN_TIMEOUT = 1.0
"""Seconds that an unfinished request has at the end of a test."""


class Server:
    """A service that runs inside its `with` block, and can be entered once. It ignores the environment variables.

    `database` is the path of the SQLite file, which the service creates; `dags` and `token` are as in the fixtures.

    The methods that use the database, or that stop and start the service, block for some milliseconds. In a suite that
    forbids blocking calls in the event loop (blockbuster), use `await asyncio.to_thread(server.runs)`.
    """

    def __init__(self, database: Path, dags: Dags, token: str | None = None) -> None:
        self._database = database
        self._dags = _catalogue(dags)
        self._token = token
        self._port = 0
        self._background = Background()
        self._open = AsyncExitStack()
        self._outage: Outage | None = None
        self._runs = Runs(database)
        self.scheduler = Scheduler(self._runs)
        """The scheduler; the states of runs change only when a test calls it."""

    @property
    def url(self) -> str:
        """The address of the service: `http://127.0.0.1:<port>`."""
        return f"http://{_HOST}:{self._port}"

    @property
    def api(self) -> str:
        """The address of the API: `http://127.0.0.1:<port>/api/v1`."""
        return f"{self.url}/api/v1"

    @property
    def token(self) -> str | None:
        """The token that clients must send; None if they need none."""
        return self._token

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that a request needs: the token, if one is set."""
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}

    def runs(self, dag_id: str | None = None) -> list[Run]:
        """Return the runs in the database, of all DAGs or of one, in the order of their creation."""
        return self._runs.all("?1 IS NULL OR dag_id = ?1", (dag_id,))

    @contextmanager
    def database_away(self) -> Generator[None]:
        """Make the database unreachable inside the block: the service answers 503 with `Retry-After`."""
        if self._outage is None:
            raise RuntimeError(
                "The service is down, so its database cannot become unreachable: leave the block of down() first."
            )
        outage = self._outage
        outage.is_away = True
        try:
            yield
        finally:
            outage.is_away = False

    @contextmanager
    def down(self) -> Generator[None]:
        """Stop the service inside the block: open connections are closed, and new ones are refused.

        After the block it runs again, on the same port and the same database.
        """
        self._background.call(self._end())
        try:
            yield
        finally:
            self._background.call(self._begin())

    def __enter__(self) -> Self:
        self._background.start()
        try:
            self._background.call(self._begin())
        except BaseException:
            self._background.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._background.call(self._end())
        finally:
            self._background.close()

    async def _begin(self) -> None:
        async with AsyncExitStack() as stack:
            options = StoreOptions(catalogue=self._dags)
            store = await stack.enter_async_context(open_store(f"sqlite:///{self._database}", options))
            outage = Outage(store)
            app = create_app(Settings(token=self._token), store=outage.store)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_TIMEOUT)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, _HOST, self._port)
            await site.start()
            self._port, self._outage, self._open = site.port, outage, stack.pop_all()

    async def _end(self) -> None:
        self._outage = None
        await self._open.aclose()


def _catalogue(dags: Dags) -> tuple[CatalogueDag, ...]:
    if isinstance(dags, str | Path):
        return load(Path(dags))
    return read(dags, "The list of DAGs (dagrun_api_dags)")
