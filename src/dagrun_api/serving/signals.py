"""The signals that stop a process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Generator

__all__ = ["stopping"]

logger = logging.getLogger(__name__)

_NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextlib.contextmanager
def stopping(stop: asyncio.Event) -> Generator[None]:
    """Inside the block, the first SIGTERM, SIGINT or SIGHUP sets the event, and the second ends the process at once.

    The database rolls back what the process did not commit. SIGHUP stays ignored under nohup.
    """
    loop = asyncio.get_running_loop()
    numbers = [each for each in _NUMBERS if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN]

    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            logger.error("Stopping at once on a second signal")
            os._exit(128 + number)
        if number == signal.SIGHUP:
            logger.info("SIGHUP stops the service, like SIGTERM; to change its options, start it again")
        stop.set()

    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
