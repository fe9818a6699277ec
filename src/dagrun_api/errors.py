"""Everything that this package raises on purpose.

    DagrunApiError
     ├── InvalidRequest             the request cannot be accepted as it was sent
     │    └── TimetableError        the DAG's schedule cannot give what was asked of it
     │         ├── InvalidTimetable     it cannot be read: Airflow itself would refuse it, or it is damaged
     │         └── UnlistableTimetable  it is sound, but has no ticks that can be listed over a window
     ├── Forbidden                  who sent the request may not do this: his token, or the page he sent it from
     ├── NotFound                   what the request names does not exist
     ├── Conflict                   the request is sound, but the state of the data forbids it
     │    ├── RunsTaken            another writer took a date or a run id of the batch: plan it anew
     │    └── WritesRefused        the database may be read but, as it is, not be written to
     ├── Unavailable                the database cannot answer now; the same request may succeed later
     │    ├── Locked                another writer holds what the request needs
     │    ├── TimedOut              the database took longer than it is given
     │    ├── PoolExhausted         none of our connections became free in time
     │    ├── SchemaMismatch        a table or column that was there before is gone: look at the schema anew
     │    └── OutcomeUnknown        the end of a commit was not heard of: it may have been written, or not
     └── ConfigurationError         the service cannot start with these settings, or on this database

The text of each is one sentence meant for the reader of an answer or a log: it says what is wrong and
what to do instead, and never quotes a driver's error. The driver's error is the `__cause__`.
"""

from __future__ import annotations

__all__ = [
    "ConfigurationError",
    "Conflict",
    "DagrunApiError",
    "Forbidden",
    "InvalidRequest",
    "InvalidTimetable",
    "Locked",
    "NotFound",
    "OutcomeUnknown",
    "PoolExhausted",
    "RunsTaken",
    "SchemaMismatch",
    "TimedOut",
    "TimetableError",
    "Unavailable",
    "UnlistableTimetable",
    "WritesRefused",
]


class DagrunApiError(Exception):
    """Root of the tree."""


class InvalidRequest(DagrunApiError):
    """The request cannot be accepted as it was sent."""


class TimetableError(InvalidRequest):
    """The DAG's schedule cannot give what was asked of it."""


class InvalidTimetable(TimetableError):
    """The timetable cannot be read: Airflow itself would refuse it, or it is damaged."""


class UnlistableTimetable(TimetableError):
    """The timetable is sound, but has no ticks that can be listed over a window."""


class Forbidden(DagrunApiError):
    """Who sent the request may not do this: the token does not allow it, or a page of another site sent it."""


class NotFound(DagrunApiError):
    """What the request names does not exist."""


class Conflict(DagrunApiError):
    """The request is sound, but the state of the data forbids it."""


class RunsTaken(Conflict):
    """Another writer took a date or a run id of the batch: plan it anew."""


class WritesRefused(Conflict):
    """The database may be read but, as it is, not be written to."""


class Unavailable(DagrunApiError):
    """The database cannot answer now; the same request may succeed after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Locked(Unavailable):
    """Another writer holds what the request needs."""


class TimedOut(Unavailable):
    """The database took longer than it is given."""


class PoolExhausted(Unavailable):
    """None of our connections to the database became free in time."""


class SchemaMismatch(Unavailable):
    """A table or column that was there before is gone: look at the schema anew."""


class OutcomeUnknown(Unavailable):
    """The end of a commit was not heard of: it may have been written, or not."""


class ConfigurationError(DagrunApiError):
    """The service cannot start with these settings, or on this database."""
