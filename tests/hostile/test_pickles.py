"""A `conf` that somebody planted in the database: it is passed over, and never loaded."""

from __future__ import annotations

import pickle
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dagrun_api import Settings, create_app
from tests.databases.worlds import SQLWorld
from tests.hostile.conftest import AiohttpClient
from tests.http.conftest import answer

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

Plant = Callable[[str], Awaitable[None]]


class Payload:
    """Makes a file when it is loaded."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self._canary,)


def laughs() -> bytes:
    """A few bytes that load as a list of lists, whose text has 10 to the 30th words."""
    value: list[object] = ["ha"]
    for _ in range(30):
        value = [value] * 10
    return pickle.dumps(value, 2)


def deep() -> bytes:
    """A list in a list, 100,000 deep, which `pickle` itself could not write."""
    return b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."


@pytest.mark.parametrize("kind", ["payload", "payload within", "laughs", "deep", "damage", "nothing", "protocol 5"])
@pytest.mark.parametrize(
    "world",
    ["sqlite-1.10.15", "postgres-1.10.15", "sqlite-2.0.2", "sqlite-2.11.2", "postgres-2.11.2"],
    indirect=True,
)
async def test_a_planted_conf_is_never_loaded(
    world: SQLWorld, kind: str, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    canary = tmp_path / "canary"
    planted = {
        "payload": pickle.dumps(Payload(canary), 2),
        "payload within": pickle.dumps({"a": [Payload(canary)]}, 2),
        "laughs": laughs(),
        "deep": deep(),
        "damage": b"\x80\x02cos\nsystem\n(S'touch " + str(canary).encode() + b"'\ntR",
        "nothing": b"",
        "protocol 5": pickle.dumps(Payload(canary), 5),
    }[kind]
    await world.add_dag("a")
    await world.reach("a", NOON + 9 * DAY)
    await world.add_run("a", "etl_0000001_2017-09-01T12:00:00", NOON, state="running")
    await world.execute("UPDATE dag_run SET conf = ?", [planted])
    api = await aiohttp_client(create_app(Settings(), store=world.store))
    for path in ("dags", "dag_runs", "latest_runs", "batches/etl", "dag_runs/etl_0000001_2017-09-01T12:00:00"):
        response = await api.get(f"/api/v1/{path}")
        await answer(response)
        assert response.status == 200
    body = {"dag_id": "a", "prefix": "etl", "start_date": "2017-09-01", "end_date": "2017-09-02", "conf": {"x": 1}}
    replayed = await answer(await api.post("/api/v1/dag_runs", json=body))
    assert (replayed["skipped"], len(replayed["dag_run_ids"])) == (1, 1)
    cancelled = await answer(await api.post("/api/v1/batches/etl/cancel"))
    assert cancelled["cancelled"] + cancelled["started"] == 2
    assert not canary.exists()


def test_the_payload_would_work(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Payload(tmp_path / "canary"), 2))  # noqa: S301  # ours
    assert (tmp_path / "canary").exists()
