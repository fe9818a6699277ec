"""What one application counts, and how a scrape by Prometheus shows it.

The counters are plain numbers that change on the event loop only, which costs a microsecond or two for each request.
The Prometheus library is used only when a scrape asks for the text. Each application has its own registry, so it
conflicts neither with other applications in the process nor with the metrics of a host. Labels hold only a few fixed
words, never text from a client or the database: no series is about a DAG, a prefix, a run or a token.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from dagrun_api.errors import (
    ConfigurationError,
    DagrunApiError,
    Locked,
    OutcomeUnknown,
    PoolExhausted,
    PrivilegeMissing,
    SchemaMismatch,
    TimedOut,
    Unavailable,
    WritesRefused,
)
from dagrun_api.store import StoreState
from dagrun_api.web.histogram import Histogram

__all__ = ["CLIENT_GONE", "NO_ROUTE", "Metrics"]

CLIENT_GONE = 499
"""The status of a request without an answer: the client hung up, or the process had to stop."""

NO_ROUTE = "(none)"
"""The route label of a request for an unknown path or method."""

_OPENMETRICS = "application/openmetrics-text"

_OTHER = "OTHER"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_RUNS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

_KINDS: tuple[tuple[type[DagrunApiError], str], ...] = (
    (PoolExhausted, "pool"),
    (Locked, "locked"),
    (TimedOut, "timeout"),
    (OutcomeUnknown, "outcome_unknown"),
    (PrivilegeMissing, "privilege"),
    (SchemaMismatch, "schema_changed"),
    (WritesRefused, "writes_refused"),
    (ConfigurationError, "not_airflow"),
    (Unavailable, "unavailable"),
)
"""The name of each kind of database error; the first class that matches counts."""

_WRITES = [
    (event, result)
    for event in ("create_batch", "pause_batch", "cancel_batch", "retry_batch", "set_paused")
    for result in ("done", "unknown")
]


class Metrics(Collector):
    """What one application has counted since it started. Use it on the event loop of the application only."""

    def __init__(self, state: Callable[[], StoreState]) -> None:
        """Start at zero; `state` returns the state of the store, and is called at each scrape."""
        self.in_progress = 0
        """Requests that have begun and have no answer yet."""
        self.unexpected_errors = 0
        self.writes = Counter[tuple[str, str]]()
        """(event, result), both as in the audit log -> how many."""
        self._state = state
        self._requests: dict[tuple[str, str, int], Histogram] = {}
        self._database_errors = Counter[str]()
        self._batches = Histogram(_RUNS)
        self._skipped = self._cancelled = self._dry_runs = self._native = 0
        self._requeued = self._cleared = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def own_process(self) -> None:
        """Add the metrics of the process (memory, processor, files). They mean little if a host shares the process."""
        ProcessCollector(registry=self._registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the path in the table of routes, or `NO_ROUTE`."""
        found = self._requests.get((route, method, status)) or self._added(route, method, status)
        found.observe(seconds)

    def refused(self, error: DagrunApiError) -> None:
        """Count an error if it is a database error."""
        cause = error.__cause__
        # The readiness probe wraps the real error.
        found = cause if isinstance(cause, DagrunApiError) else error
        kind = next((kind for each, kind in _KINDS if isinstance(found, each)), None)
        if kind is not None:
            self._database_errors[kind] += 1

    def batch(self, created: int, skipped: int, *, is_dry_run: bool, is_native: bool) -> None:
        """Count the runs of a batch that were created, natively or not, or a dry run."""
        if is_dry_run:
            self._dry_runs += 1
            return
        if created:
            self._batches.observe(created)
        if is_native:
            self._native += created
        self._skipped += skipped

    def cancelled(self, runs: int) -> None:
        """Count cancelled runs."""
        self._cancelled += runs

    def retried(self, requeued: int, cleared: int) -> None:
        """Count runs that were put back into the queue, by the database and by Airflow."""
        self._requeued += requeued
        self._cleared += cleared

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that the header `Accept` asks for, and the content type."""
        # The library fails if the header has a version that is not a number, so it never sees the header itself.
        encode, content_type = choose_encoder(_OPENMETRICS if _OPENMETRICS in accept else "")
        return encode(self._registry), content_type

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; the registry calls this."""
        yield from self._of_requests()
        yield from self._of_runs()
        yield from self._of_database()
        names = {"version": version("dagrun-api"), "python": platform.python_version(), "aiohttp": version("aiohttp")}
        build = GaugeMetricFamily(
            "dagrun_api_build_info", "Always 1; the labels show the versions.", labels=list(names)
        )
        build.add_metric(list(names.values()), 1)
        yield build

    def _added(self, route: str, method: str, status: int) -> Histogram:
        # All unknown methods share one series, because a client can send any number of them.
        known = (route, method if method in _METHODS else _OTHER, status)
        return self._requests.setdefault(known, Histogram(_SECONDS))

    def _of_requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "dagrun_api_requests", "Requests by route, method and status.", labels=["route", "method", "status"]
        )
        duration = HistogramMetricFamily(
            "dagrun_api_request_duration_seconds",
            "Time from the headers of a request to its answer, without sending the answer.",
            labels=["route", "method"],
        )
        merged: dict[tuple[str, str], Histogram] = {}
        for (route, method, status), each in self._requests.items():
            requests.add_metric([route, method, str(status)], each.count)
            merged.setdefault((route, method), Histogram(_SECONDS)).add(each)
        for labels, each in merged.items():
            duration.add_metric(labels, each.buckets(), each.total)
        yield requests
        yield duration
        yield GaugeMetricFamily(
            "dagrun_api_requests_in_progress", "Requests without an answer yet, including this one.", self.in_progress
        )
        yield CounterMetricFamily(
            "dagrun_api_unexpected_errors", "Internal errors, answered with 500.", self.unexpected_errors
        )

    def _of_runs(self) -> Iterator[Metric]:
        created = self._batches.total
        yield CounterMetricFamily("dagrun_api_runs_created", "Runs created.", created)
        yield CounterMetricFamily(
            "dagrun_api_backfill_runs_created", "Those of them that went into native backfills.", self._native
        )
        yield CounterMetricFamily(
            "dagrun_api_runs_skipped", "Runs not created because their dates already had a run.", self._skipped
        )
        yield CounterMetricFamily("dagrun_api_runs_cancelled", "Runs cancelled before they started.", self._cancelled)
        yield CounterMetricFamily("dagrun_api_runs_requeued", "Failed runs put back into the queue.", self._requeued)
        yield CounterMetricFamily(
            "dagrun_api_runs_cleared", "Failed runs that Airflow's own API has cleared.", self._cleared
        )
        yield CounterMetricFamily("dagrun_api_dry_runs", "Dry runs of batches.", self._dry_runs)
        size = HistogramMetricFamily("dagrun_api_batch_runs", "Runs created by each batch that created any.")
        size.add_metric([], self._batches.buckets(), created)
        yield size
        yield _counter(
            "dagrun_api_writes",
            "Lines of the audit log, by event and result.",
            ["event", "result"],
            {**dict.fromkeys([*_WRITES, ("write", "refused")], 0), **self.writes}.items(),
        )

    def _of_database(self) -> Iterator[Metric]:
        yield _counter(
            "dagrun_api_database_errors",
            "Requests refused because of the database, by kind of error.",
            ["kind"],
            (((kind,), self._database_errors[kind]) for _, kind in _KINDS),
        )
        state = self._state()
        info = GaugeMetricFamily(
            "dagrun_api_database_info", "Always 1; the labels show what the database is.", labels=["backend", "layout"]
        )
        info.add_metric([state.backend, state.layout], 1)
        yield info
        if state.pool is None:
            return
        pool = GaugeMetricFamily("dagrun_api_pool_connections", "Open connections to the database.", labels=["state"])
        pool.add_metric(["in_use"], state.pool.in_use)
        pool.add_metric(["idle"], state.pool.idle)
        yield pool
        yield GaugeMetricFamily(
            "dagrun_api_pool_connections_max", "Maximum number of open connections.", state.pool.maximum
        )
        yield GaugeMetricFamily(
            "dagrun_api_pool_waiting_requests", "Requests waiting for a connection.", state.pool.waiting
        )


def _counter(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for each, value in values:
        family.add_metric(each, value)
    return family
