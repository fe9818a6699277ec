"""How long random input is sent, and what randomness begins with."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

__all__ = ["SECONDS", "SEED", "rounds"]

SECONDS = float(os.environ.get("DAGRUN_API_TEST_FUZZ_SECONDS", "150"))
"""About how long all tests that are marked `fuzz` take together."""

SEED = int(os.environ.get("DAGRUN_API_TEST_SEED", "1"))
"""What randomness begins with; another number sends other input."""


def rounds(share: float) -> Iterator[int]:
    """Yield numbers to begin randomness with, until this share of the time is over."""
    end = time.monotonic() + share * SECONDS
    number = SEED
    while time.monotonic() < end:
        yield number
        number += 1
