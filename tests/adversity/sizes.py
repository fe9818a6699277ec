"""How much a test tries: a little in `make test`, much in `make soak`."""

from __future__ import annotations

import os

__all__ = ["sized"]

_IS_FULL = os.environ.get("DAGRUN_API_TEST_FULL") == "1"


def sized(*, quick: int, full: int) -> int:
    """Return the number for this session."""
    return full if _IS_FULL else quick
