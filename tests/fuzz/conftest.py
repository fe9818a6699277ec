"""Random input for as long as one likes: left out unless it is asked for by its marker."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent

SECONDS = float(os.environ.get("DAGRUN_API_TEST_FUZZ_SECONDS", "150"))
"""What everything here takes together, about."""

SEED = int(os.environ.get("DAGRUN_API_TEST_SEED", "1"))
"""What randomness begins with; another number asks other things."""

Rounds = Callable[[float], Iterator[int]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    expression: str = config.option.markexpr
    ours = [item for item in items if HERE in item.path.parents]
    if ours and "fuzz" not in expression:
        items[:] = [item for item in items if HERE not in item.path.parents]
        config.hook.pytest_deselected(items=ours)


@pytest.fixture
def rounds() -> Rounds:
    """Give numbers to begin randomness with, until a share of the time is over."""

    def rounds(share: float) -> Iterator[int]:
        end = time.monotonic() + share * SECONDS
        number = SEED
        while time.monotonic() < end:
            yield number
            number += 1

    return rounds


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What was counted, printed at the end."""
    counted: Counter[str] = Counter()
    yield counted
    told = ", ".join(f"{count} {name}" for name, count in counted.items())
    print(f"\n{request.node.name}: {told}", flush=True)
