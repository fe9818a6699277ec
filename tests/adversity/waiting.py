"""Waiting for what is going to happen, on a machine that may have much else to do."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable

__all__ = ["until"]

_PATIENCE = 30.0


async def until(what: str, happens: Callable[[], object], *, pause: float = 0.01) -> None:
    """Return when it (a function, or one that returns an awaitable) is true; fail after half a minute."""
    end = time.monotonic() + _PATIENCE
    while True:
        answer = happens()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        assert time.monotonic() < end, f"never: {what}"
        await asyncio.sleep(pause)
