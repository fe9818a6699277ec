"""The queries of batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import post_load

from dagrun_api.model import MAX_BATCHES
from dagrun_api.web.schemas.fields import MAX_ID, Count, Text, Truth, described
from dagrun_api.web.schemas.requests.schema import LIMITED_TOKEN, QuerySchema

__all__ = ["BATCHES_QUERY", "BATCH_WRITE_QUERY", "RETRY_QUERY", "BatchWriteQuery", "BatchesQuery", "RetryQuery"]

_PAGE = 50
"""Batches on a page, unless the query says otherwise."""


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


@dataclass(frozen=True, slots=True)
class RetryQuery(BatchWriteQuery):
    """Which DAG's runs of a batch are retried."""

    dry_run: bool = False


class RetryQuerySchema(BatchWriteQuerySchema):
    """The query of a retry."""

    dry_run = Truth(metadata=described("Answer what the request would do, and change nothing.", default=False))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RetryQuery:
        return RetryQuery(**data)


@dataclass(frozen=True, slots=True)
class BatchesQuery:
    """Which page of which batches."""

    start: int = MAX_ID
    limit: int = _PAGE
    dag_id: str | None = None


class BatchesQuerySchema(QuerySchema[BatchesQuery]):
    """The query of a list of batches."""

    start = Count(0, MAX_ID, metadata=described("The page to show, as the header `Link` of the page before it says."))
    limit = Count(
        1,
        MAX_BATCHES,
        metadata=described("The maximum number of batches on a page.", default=_PAGE),
    )
    dag_id = Text(metadata=described(f"Only batches of this DAG. {LIMITED_TOKEN}"))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> BatchesQuery:
        return BatchesQuery(**data)


BATCHES_QUERY = BatchesQuerySchema()
RETRY_QUERY = RetryQuerySchema()
BATCH_WRITE_QUERY = BatchWriteQuerySchema()
