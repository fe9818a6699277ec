"""The queries of batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import post_load

from dagrun_api.web.schemas.fields import Text, Truth, described
from dagrun_api.web.schemas.requests.schema import LIMITED_TOKEN, QuerySchema

__all__ = ["BATCH_WRITE_QUERY", "BatchWriteQuery"]


@dataclass(frozen=True, slots=True)
class BatchWriteQuery:
    """Which DAG's runs of a batch a write is about."""

    dag_id: str | None = None
    all_dags: bool = False


class BatchWriteQuerySchema(QuerySchema[BatchWriteQuery]):
    """The query of a write to one batch."""

    dag_id = Text(metadata=described(f"The DAG, if several DAGs have runs with this prefix. {LIMITED_TOKEN}"))
    all_dags = Truth(
        metadata=described(
            "`true` for the runs of every DAG. Without it, a prefix of several DAGs is a conflict.", default=False
        )
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BatchWriteQuery:
        return BatchWriteQuery(**data)


BATCH_WRITE_QUERY = BatchWriteQuerySchema()
