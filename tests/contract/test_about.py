"""What an installation can do, on every store, and where it may not write."""

from __future__ import annotations

import pytest

from dagrun_api.airflow.layout import Generation
from dagrun_api.batches.service import Service
from tests.conftest import WORLDS
from tests.databases.worlds import PostgresWorld, SQLWorld, World

BUILT_IN = ("memory", "standalone")

RELEASES = {"1.10.15": "1.10", "2.6.3": "2.6", "2.11.2": "2.10", "3.1.8": "3.1", "3.4.0b2": "3.4"}
"""Release -> the first one with its head, shortened."""


def layout_of(request: pytest.FixtureRequest) -> str:
    name = str(request.node.callspec.params["world"])
    return name.partition("-")[2] or name


async def test_it_names_the_first_release_with_these_tables(world: World, request: pytest.FixtureRequest) -> None:
    found, layout = await Service(world.store).about(), layout_of(request)
    expected = RELEASES.get(layout, None if layout in BUILT_IN else ".".join(layout.split(".")[:2]))
    assert (found.airflow, found.head is None) == (expected, layout in BUILT_IN)
    if isinstance(world, SQLWorld):
        assert found.backend == ("PostgreSQL" if isinstance(world, PostgresWorld) else "SQLite")


async def test_runs_can_be_created(world: World) -> None:
    found = await Service(world.store).about()
    assert (found.writable, found.reason, found.retries) == (True, None, "database")


async def test_airflow_3_has_backfills_of_its_own(world: World) -> None:
    has_backfills = isinstance(world, SQLWorld) and world.layout.has_backfills
    assert (await Service(world.store).about()).native_backfills == has_backfills
    if isinstance(world, SQLWorld) and world.layout.generation is not Generation.STANDALONE:
        assert has_backfills == (world.layout.generation is Generation.AIRFLOW_3)


AIRFLOWS = [name for name in WORLDS if "-" in name and not name.endswith("standalone")]


@pytest.mark.parametrize("world", AIRFLOWS, indirect=True)
async def test_an_unknown_schema_is_answered_with_the_reason(world: SQLWorld, request: pytest.FixtureRequest) -> None:
    ((head,),) = await world.execute("SELECT version_num FROM alembic_version")
    await world.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    try:
        found = await Service(world.store).about()
    finally:
        await world.execute("UPDATE alembic_version SET version_num = ?", [head])
    assert (found.head, found.writable) == ("0123456789ab", False)
    assert "allow_unknown_schema" in str(found.reason)
    generation = layout_of(request).split(".")[0]
    assert found.airflow == {"1": "1.10"}.get(generation, generation)
    assert (await Service(world.store).about()).writable
