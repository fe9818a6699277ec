"""A batch on PostgreSQL, counted by the server itself: one transaction, one INSERT."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, Prefix
from tests.conftest import LAYOUTS
from tests.databases.worlds import PostgresWorld, serialized

COUNTING = """
CREATE OR REPLACE FUNCTION note_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO noted_statements VALUES (txid_current());
    RETURN NULL;
END $$
"""


@pytest.mark.parametrize("world", [f"postgres-{layout}" for layout in LAYOUTS], indirect=True)
async def test_a_batch_of_500_is_one_transaction_with_one_insert(world: PostgresWorld) -> None:
    await world.add_dag("a", serialized=serialized("* * * * *"))
    await world.reach("a", datetime(2018, 1, 1, tzinfo=UTC))
    await world.execute("CREATE TABLE IF NOT EXISTS noted_statements (transaction bigint)")
    await world.execute(COUNTING)
    await world.execute(
        "CREATE TRIGGER noted AFTER INSERT ON dag_run FOR EACH STATEMENT EXECUTE FUNCTION note_statement()"
    )
    try:
        start = datetime(2017, 9, 1, tzinfo=UTC)
        request = BatchRequest("a", Prefix("etl"), start, datetime(2018, 1, 1, tzinfo=UTC), partial=True)
        result = await Service(world.store).create_batch(request)
        statements = await world.execute("SELECT transaction FROM noted_statements")
    finally:
        await world.execute("DROP TRIGGER noted ON dag_run")
        await world.execute("DROP TABLE noted_statements")
    ((transactions,),) = await world.execute("SELECT count(DISTINCT xmin::text) FROM dag_run WHERE run_id LIKE 'etl%'")
    assert (len(result.run_ids), len(statements), transactions) == (500, 1, 1)
