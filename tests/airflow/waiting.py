"""Waiting for something to become true, never for ever and never without saying what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    what: str,
    probe: Callable[[], T | None],
    deadline: float,
    explain: Callable[[], str],
    pause: float = 0.5,
) -> T:
    """Return the first answer of the probe that is not None or false.

    Raises AssertionError when the deadline (in seconds) passes; `explain` then tells what was seen instead.
    """
    end = time.monotonic() + deadline
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:g} s: {what}\n{explain()}")
        time.sleep(pause)
