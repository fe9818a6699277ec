"""The query of the ticks of a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, post_load

from dagrun_api.model import MAX_BATCH
from dagrun_api.web.schemas.fields import Count, described
from dagrun_api.web.schemas.requests.schema import QuerySchema
from dagrun_api.web.schemas.requests.window import window_end, window_start

__all__ = ["TICKS_QUERY", "TicksQuery"]


@dataclass(frozen=True, slots=True)
class TicksQuery:
    """Which part of a schedule."""

    start_date: datetime | None = None
    end_date: datetime | None = None
    limit: int = MAX_BATCH


class TicksQuerySchema(QuerySchema[TicksQuery]):
    """The query of a list of ticks."""

    start_date = window_start()
    end_date = window_end()
    limit = Count(1, MAX_BATCH, metadata=described("The maximum number of ticks on a page.", default=MAX_BATCH))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> TicksQuery:
        if not data.keys() & {"start_date", "end_date"}:
            raise ValidationError("Send start_date, end_date, or both: an absent one means now.", "start_date")
        return TicksQuery(**data)


TICKS_QUERY = TicksQuerySchema()
