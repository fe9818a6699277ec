"""What one application counts, and how a scrape by Prometheus tells it.

Counted are plain numbers, all on the event loop: that takes a microsecond or two a request. The library
comes in at the scrape only, for the exposition. Each application has a registry of its own, so that neither another one
in the process nor a host with metrics of its own gets in its way. No label holds anything that a client or the database
can choose freely: each stands for one of a few words, and no series is about a DAG, a prefix, a run or a token.
"""

from __future__ import annotations

import platform
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import accumulate

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
    SchemaMismatch,
    TimedOut,
    Unavailable,
    WritesRefused,
)
from dagrun_api.store import StoreState

__all__ = ["CLIENT_GONE", "NO_ROUTE", "Metrics"]

CLIENT_GONE = 499
"""The status of a request that had no answer: the client hung up, or the process had to end."""

NO_ROUTE = "(none)"
"""The route of a path, or of a method on it, that is not there."""

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
    (SchemaMismatch, "schema_changed"),
    (WritesRefused, "writes_refused"),
    (ConfigurationError, "not_airflow"),
    (Unavailable, "unavailable"),
)
"""What each error of the database is called; the first that fits counts."""

_WRITES = [
    (event, result) for event in ("create_batch", "cancel_batch", "set_paused") for result in ("done", "unknown")
]


class _Histogram:
    """How many observations were at most each bound, and beyond the last; and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def add(self, other: _Histogram) -> None:
        self.counts = [mine + its for mine, its in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def buckets(self) -> list[tuple[str, float]]:
        names = [*(str(float(bound)) for bound in self.bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self.counts)), strict=True))


class Metrics(Collector):
    """What one application has counted since it was made; not to be used from another thread than its own."""

    def __init__(self) -> None:
        self.in_progress = 0
        """Requests that were begun and have no answer yet."""
        self.unexpected_errors = 0
        self.writes = Counter[tuple[str, str]]()
        """(event, result), both as the audit trail calls them -> how many."""
        self.state: Callable[[], StoreState | None] = lambda: None
        """How the store is; told at each scrape."""
        self._templates: dict[object, str] = {}
        self._requests: dict[tuple[str, str, int], _Histogram] = {}
        self._database_errors = Counter[str]()
        self._batches = _Histogram(_RUNS)
        self._skipped = self._cancelled = self._dry_runs = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def know(self, route: object, template: str) -> None:
        """Take in what a route is called, for instance `/api/v1/dag_runs/{dag_run_id}`; others have no name."""
        self._templates[route] = template

    def own_process(self) -> None:
        """Tell of the process, too (memory, processor, files): only who has it for himself can make sense of that."""
        ProcessCollector(registry=self._registry)

    def answered(self, route: object, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (self._templates.get(route, NO_ROUTE), method, status)
        found = self._requests.get(key) or self._added(key)
        # As `observe` does, without the call, since this is done for every request.
        found.counts[bisect_left(_SECONDS, seconds)] += 1
        found.total += seconds

    def refused(self, error: DagrunApiError) -> None:
        """Count an error, if it is one of the database."""
        cause = error.__cause__
        # The probe wraps what stands in the way.
        found = cause if isinstance(cause, DagrunApiError) else error
        kind = next((kind for each, kind in _KINDS if isinstance(found, each)), None)
        if kind is not None:
            self._database_errors[kind] += 1

    def batch(self, created: int, skipped: int, *, is_dry_run: bool) -> None:
        """Count a batch that was created, or tried."""
        if is_dry_run:
            self._dry_runs += 1
            return
        if created:
            self._batches.observe(created)
        self._skipped += skipped

    def cancelled(self, runs: int) -> None:
        """Count the runs that were ended."""
        self._cancelled += runs

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that a header Accept asks for, and its content type."""
        # The library would fail at a version that is no number, so it does not see what the client sent.
        encode, content_type = choose_encoder(_OPENMETRICS if _OPENMETRICS in accept else "")
        return encode(self._registry), content_type

    def collect(self) -> Iterator[Metric]:
        """Tell everything; called by the registry."""
        yield from self._of_requests()
        yield from self._of_runs()
        yield from self._of_database()
        names = {"version": version("dagrun-api"), "python": platform.python_version(), "aiohttp": version("aiohttp")}
        build = GaugeMetricFamily("dagrun_api_build_info", "1; its labels tell what runs.", labels=list(names))
        build.add_metric(list(names.values()), 1)
        yield build

    def _added(self, key: tuple[str, str, int]) -> _Histogram:
        route, method, status = key
        # One for all methods that nobody has heard of: a client may make up as many as he likes.
        known = (route, method if method in _METHODS else _OTHER, status)
        return self._requests.setdefault(known, _Histogram(_SECONDS))

    def _of_requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "dagrun_api_requests", "Requests by route, method and status.", labels=["route", "method", "status"]
        )
        duration = HistogramMetricFamily(
            "dagrun_api_request_duration_seconds",
            "Time from the headers of a request to its answer, without the sending of it.",
            labels=["route", "method"],
        )
        merged: dict[tuple[str, str], _Histogram] = {}
        for (route, method, status), each in self._requests.items():
            requests.add_metric([route, method, str(status)], sum(each.counts))
            merged.setdefault((route, method), _Histogram(_SECONDS)).add(each)
        for labels, each in merged.items():
            duration.add_metric(labels, each.buckets(), each.total)
        yield requests
        yield duration
        yield GaugeMetricFamily(
            "dagrun_api_requests_in_progress", "Requests without an answer yet, this one included.", self.in_progress
        )
        yield CounterMetricFamily(
            "dagrun_api_unexpected_errors", "Faults of the service itself, answered with 500.", self.unexpected_errors
        )

    def _of_runs(self) -> Iterator[Metric]:
        created = self._batches.total
        yield CounterMetricFamily("dagrun_api_runs_created", "Runs created.", created)
        yield CounterMetricFamily("dagrun_api_runs_skipped", "Runs not created, their dates having one.", self._skipped)
        yield CounterMetricFamily("dagrun_api_runs_cancelled", "Runs ended that had not started.", self._cancelled)
        yield CounterMetricFamily("dagrun_api_dry_runs", "Batches that were only tried.", self._dry_runs)
        size = HistogramMetricFamily("dagrun_api_batch_runs", "Runs that a batch created, where it created any.")
        size.add_metric([], self._batches.buckets(), created)
        yield size
        yield _counter(
            "dagrun_api_writes",
            "Lines of the audit trail, by event and result.",
            ["event", "result"],
            {**dict.fromkeys([*_WRITES, ("write", "refused")], 0), **self.writes}.items(),
        )

    def _of_database(self) -> Iterator[Metric]:
        yield _counter(
            "dagrun_api_database_errors",
            "Requests refused because of the database, by kind.",
            ["kind"],
            (((kind,), self._database_errors[kind]) for _, kind in _KINDS),
        )
        state = self.state()
        if state is None:
            return
        info = GaugeMetricFamily(
            "dagrun_api_database_info", "1; its labels tell what the database is.", labels=["backend", "layout"]
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
            "dagrun_api_pool_connections_max", "The most connections that may be open.", state.pool.maximum
        )
        yield GaugeMetricFamily(
            "dagrun_api_pool_waiting_requests", "Requests that wait for a connection.", state.pool.waiting
        )


def _counter(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for each, value in values:
        family.add_metric(each, value)
    return family
