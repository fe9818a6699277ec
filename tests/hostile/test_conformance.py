"""The OpenAPI document is true: no answer of a real service is other than it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.conformance import conform, filled_service

SEED = 20170919


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_no_answer_is_other_than_the_document_says(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with filled_service(kind, tmp_path, request) as service:
        found = conform(service, tmp_path, examples=12, seed=SEED)
    assert found.is_kept, found.report[-8000:]
    assert found.cases > 200
    assert {200, 400, 404} <= set(found.statuses)
    assert not any(status >= 500 for status in found.statuses), found.statuses
