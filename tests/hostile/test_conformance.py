"""The OpenAPI document is true: no answer of a real service is other than it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.conformance import conform, filled_service
from tests.hostile.rounds import SECONDS, SEED


@pytest.mark.fuzz
def test_answers_are_as_the_document_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with filled_service("SQLite", tmp_path, request) as service:
        found = conform(service, tmp_path, examples=12, seed=20170919)
    assert found.is_kept, found.report[-8000:]
    assert found.cases > 200
    assert {200, 400, 404} <= set(found.statuses)
    assert not any(status >= 500 for status in found.statuses), found.statuses


@pytest.mark.fuzz
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_thousands_of_answers_are_as_the_document_says(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, figures: Counter[str]
) -> None:
    with filled_service(kind, tmp_path, request) as service:
        # About 3,000 cases in the usual time.
        found = conform(service, tmp_path, examples=max(10, int(SECONDS * 2)), seed=SEED)
    figures["cases"] = found.cases
    figures["5xx"] = sum(count for status, count in found.statuses.items() if status >= 500)
    figures.update({f"answers {status}": count for status, count in sorted(found.statuses.items())})
    assert found.is_kept, found.report[-8000:]
    assert figures["5xx"] == 0
