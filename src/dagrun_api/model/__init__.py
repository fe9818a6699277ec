"""The values that pass between the layers. They are frozen, and every time in them is an aware UTC datetime.

Values that come by the hundred are named tuples, which are made in a fifth of the time of a frozen dataclass.
"""

from __future__ import annotations

from dagrun_api.model.batch_list import MAX_BATCHES, BatchKey, BatchPage, ListedBatch
from dagrun_api.model.batches import (
    MAX_ACTIVE_RUNS,
    MAX_BATCH,
    Backfill,
    BatchProgress,
    BatchRequest,
    BatchResult,
    Cancellation,
    CancelledRun,
    LastRun,
    NativeBackfill,
    PlannedRun,
    RunToCreate,
    RunType,
    SerializedDag,
    TargetDag,
    TickRules,
)
from dagrun_api.model.dags import DagDetail, DagRecord
from dagrun_api.model.retries import Cleared, FailedRun, RequeuedRun, Retry
from dagrun_api.model.runs import (
    DEFAULT_PREFIX,
    MAX_PAGE,
    STATES,
    Dag,
    DagRun,
    Page,
    Prefix,
    RunDetail,
    RunFilter,
)
from dagrun_api.model.stores import (
    LACKS_PRIVILEGE,
    NOBODY,
    About,
    Actor,
    AuditEntry,
    CatalogueDag,
    Counts,
    Description,
    Write,
)
from dagrun_api.model.ticks import Tick, TickPage

__all__ = [
    "DEFAULT_PREFIX",
    "LACKS_PRIVILEGE",
    "MAX_ACTIVE_RUNS",
    "MAX_BATCH",
    "MAX_BATCHES",
    "MAX_PAGE",
    "NOBODY",
    "STATES",
    "About",
    "Actor",
    "AuditEntry",
    "Backfill",
    "BatchKey",
    "BatchPage",
    "BatchProgress",
    "BatchRequest",
    "BatchResult",
    "Cancellation",
    "CancelledRun",
    "CatalogueDag",
    "Cleared",
    "Counts",
    "Dag",
    "DagDetail",
    "DagRecord",
    "DagRun",
    "Description",
    "FailedRun",
    "LastRun",
    "ListedBatch",
    "NativeBackfill",
    "Page",
    "PlannedRun",
    "Prefix",
    "RequeuedRun",
    "Retry",
    "RunDetail",
    "RunFilter",
    "RunToCreate",
    "RunType",
    "SerializedDag",
    "TargetDag",
    "Tick",
    "TickPage",
    "TickRules",
    "Write",
]
