"""Accepting connections: in small portions, and with a pause where the system cannot give more."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable

from dagrun_api.serving.connection import HttpConnection
from dagrun_api.serving.crowd import Crowd
from dagrun_api.serving.sockets import BACKLOG
from dagrun_api.serving.tally import Tally

__all__ = ["Listener"]

_PORTION = 16
"""Connections that are accepted at once. asyncio would accept 1024, while requests wait."""

_PAUSE_SECONDS = 0.2

logger = logging.getLogger(__name__)


class Listener:
    """Accepts the connections of one listening socket, which it owns, from now until it is closed.

    asyncio's own servers know no limit of connections. When the process may open no more files, they log a traceback
    for each attempt: megabytes in a second.
    """

    def __init__(self, listening: socket.socket, make: Callable[[], HttpConnection], crowd: Crowd) -> None:
        """Serve each connection with what `make` returns, as far as the crowd has room."""
        self._listening = listening
        self._make = make
        self._crowd = crowd
        self._loop = asyncio.get_running_loop()
        self._connecting = set[asyncio.Task[None]]()
        self._pause: asyncio.TimerHandle | None = None
        self._failed = Tally(logger, "Accepting connections has failed %d times, and is tried again: %s")
        listening.setblocking(False)
        self._resume()

    async def close(self) -> None:
        """Stop listening, once the connections that wait are accepted; all accepted connections stay open."""
        if self._listening.fileno() >= 0:
            # Closing the socket would reset them, although their clients may have sent a request.
            self._accept(BACKLOG)
            self._loop.remove_reader(self._listening)
            self._listening.close()
        self._failed.close()
        if self._pause is not None:
            self._pause.cancel()
        if self._connecting:
            await asyncio.wait(self._connecting)

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self, portion: int = _PORTION) -> None:
        for _ in range(portion):
            try:
                accepted, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                # Nothing waits; or another process that listens on this socket was faster; or the client has gone.
                return
            except OSError as error:
                # No files or memory left: the socket stays readable, so the loop would turn at full speed.
                self._failed.add(os.strerror(error.errno or 0))
                self._loop.remove_reader(self._listening)
                self._pause = self._loop.call_later(_PAUSE_SECONDS, self._resume)
                return
            if self._crowd.has_room():
                self._serve(accepted)
            else:
                accepted.close()

    def _serve(self, accepted: socket.socket) -> None:
        connection = self._make()
        self._crowd.add(connection)
        task = self._loop.create_task(self._connect(accepted, connection))
        # The loop itself holds tasks only weakly.
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, accepted: socket.socket, connection: HttpConnection) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, accepted)
        except OSError:
            # The client has gone before its connection was set up.
            self._crowd.remove(connection)
            accepted.close()
