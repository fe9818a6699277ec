"""The queries of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import post_load

from dagrun_api.model import MAX_PAGE, RunFilter
from dagrun_api.web.schemas.fields import MAX_ID, Choice, Count, Start, Text, Truth, described
from dagrun_api.web.schemas.requests.schema import LIMITED_TOKEN, QuerySchema

__all__ = ["RUNS_QUERY", "RUN_QUERY", "RunQuery", "RunsQuery"]


@dataclass(frozen=True, slots=True)
class RunsQuery:
    """Which page of which runs."""

    wanted: RunFilter
    start: int | str
    limit: int
    newest_first: bool = False


class RunsQuerySchema(QuerySchema[RunsQuery]):
    """The query of a list of runs."""

    start = Start(
        metadata=described(
            "The run to start after or, with `order=desc`, before: digits are its `id`, anything else is a run id. If "
            "several DAGs have such a run, send `dag_id` as well. The header `Link` holds the address of the "
            "next page."
        ),
    )
    limit = Count(1, MAX_PAGE, load_default=50, metadata=described("The maximum number of runs on a page."))
    state = Choice("RunState", metadata=described("Only runs in this state."))
    external_trigger = Truth(
        metadata=described("`true` for runs that the schedule did not create, `false` for those that it did.")
    )
    prefix = Text(metadata=described("Only runs whose run id starts with exactly this text."))
    order = Choice("RunOrder", metadata=described("`desc` lists the newest run, by `id`, first.", default="asc"))
    dag_id = Text(metadata=described(f"Only runs of this DAG. {LIMITED_TOKEN}"))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunsQuery:
        newest_first = data.pop("order", "asc") == "desc"
        start, limit = data.pop("start", MAX_ID if newest_first else 0), data.pop("limit")
        return RunsQuery(RunFilter(**data), start, limit, newest_first)


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which DAG's run, if several DAGs have a run with the same id."""

    dag_id: str | None = None


class RunQuerySchema(QuerySchema[RunQuery]):
    """The query of one run, or of one batch."""

    dag_id = Text(metadata=described(f"The DAG, if several DAGs have such a run. {LIMITED_TOKEN}"))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RunQuery:
        return RunQuery(**data)


RUNS_QUERY = RunsQuerySchema()

RUN_QUERY = RunQuerySchema()
