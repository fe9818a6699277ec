"""Everything that this package raises on purpose.

    DagrunApiError
     ├── InvalidRequest             the request cannot be accepted as it was sent
     │    ├── BodyTooLarge          its body is larger than the service reads
     │    ├── BodyTooSlow           its body took longer to arrive than the service waits
     │    └── TimetableError        the schedule of the DAG cannot give what was asked of it
     │         ├── InvalidTimetable     it cannot be read: it is damaged, or Airflow itself would refuse it
     │         └── UnlistableTimetable  it is sound, but has no ticks that a window could hold
     ├── Unauthorized               the request carries no token, or a wrong one
     ├── Forbidden                  the sender may not do this: their token, or the page that sent it, is not allowed to
     ├── NotFound                   what the request names does not exist
     ├── Conflict                   the request is sound, but the state of the data forbids it
     │    ├── BackfillGone          the native backfill to join was deleted: plan the batch again
     │    ├── RunsTaken             another writer took a date or a run id of the batch: plan it again
     │    └── WritesRefused         the database may be read but, as it is, not be written to
     ├── Unavailable                the service cannot answer now; the same request may succeed later
     │    ├── Draining              this process is about to end; the database may be well
     │    ├── Locked                another writer holds what the request needs
     │    ├── TimedOut              the database took longer than it is given
     │    ├── PoolExhausted         no connection to the database became free in time
     │    ├── Unreachable           there is no connection to the database, or it was lost
     │    ├── PrivilegeMissing      the database user may not do what the request needs
     │    ├── SchemaMismatch        a table or column that was there before is gone: look at the schema again
     │    └── OutcomeUnknown        the end of a commit was not heard of: it may have been written, or not
     ├── ConfigurationError         the service cannot start with these settings, or on this database
     └── ClientError                a call of the Python client failed; `dagrun_api.client` draws its branches

The text of each is one sentence for the reader of an answer or a log. It says what is wrong and what to do instead, and
never quotes the error of a database driver, which is the `__cause__`. What the operator needs to know of that error is
in `Unavailable.because`, and `explained` shows both.
"""

from __future__ import annotations

__all__ = [
    "BackfillGone",
    "BodyTooLarge",
    "BodyTooSlow",
    "ConfigurationError",
    "Conflict",
    "DagrunApiError",
    "Draining",
    "Forbidden",
    "InvalidRequest",
    "InvalidTimetable",
    "Locked",
    "NotFound",
    "OutcomeUnknown",
    "PoolExhausted",
    "PrivilegeMissing",
    "RunsTaken",
    "SchemaMismatch",
    "TimedOut",
    "TimetableError",
    "Unauthorized",
    "Unavailable",
    "UnlistableTimetable",
    "Unreachable",
    "WritesRefused",
    "explained",
]


class DagrunApiError(Exception):
    """Root of the tree."""


class InvalidRequest(DagrunApiError):
    """The request cannot be accepted as it was sent."""


class BodyTooLarge(InvalidRequest):
    """The body is larger than the service reads."""


class BodyTooSlow(InvalidRequest):
    """The body took longer to arrive than the service waits."""


class TimetableError(InvalidRequest):
    """The schedule of the DAG cannot give what was asked of it."""


class InvalidTimetable(TimetableError):
    """The timetable cannot be read: it is damaged, or Airflow itself would refuse it."""


class UnlistableTimetable(TimetableError):
    """The timetable is sound, but has no ticks that a window could hold."""


class Unauthorized(DagrunApiError):
    """The request carries no token, or a wrong one."""


class Forbidden(DagrunApiError):
    """The sender may not do this: their token does not allow it, or a page of another site sent it."""


class NotFound(DagrunApiError):
    """What the request names does not exist."""


class Conflict(DagrunApiError):
    """The request is sound, but the state of the data forbids it."""


class BackfillGone(Conflict):
    """The native backfill to join was deleted: plan the batch again."""


class RunsTaken(Conflict):
    """Another writer took a date or a run id of the batch: plan it again."""


class WritesRefused(Conflict):
    """The database may be read but, as it is, not be written to."""


class Unavailable(DagrunApiError):
    """The service cannot answer now; the same request may succeed after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: int = 1, because: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.because = because
        """What the database or the network said, and where; for the log and the operator, and never for a client."""


class Draining(Unavailable):
    """This process is about to end; the database may be well."""


class Locked(Unavailable):
    """Another writer holds what the request needs."""


class TimedOut(Unavailable):
    """The database took longer than it is given."""


class PoolExhausted(Unavailable):
    """No connection to the database became free in time."""


class Unreachable(Unavailable):
    """There is no connection to the database, or it was lost; whether in the middle of a commit cannot be known."""


class PrivilegeMissing(Unavailable):
    """The database user may not do what the request needs."""


class SchemaMismatch(Unavailable):
    """A table or column that was there before is gone: look at the schema again."""


class OutcomeUnknown(Unavailable):
    """The end of a commit was not heard of: it may have been written, or not."""


class ConfigurationError(DagrunApiError):
    """The service cannot start with these settings, or on this database."""


def explained(error: Exception) -> str:
    """Return the sentence of an error for the operator: with what the database or the network said, if it did."""
    because = error.because if isinstance(error, Unavailable) else ""
    return f"{str(error).removesuffix('.')} ({because})." if because else str(error)
