"""The errors of the client; the docstring of the package shows the tree."""

from __future__ import annotations

from dagrun_api.errors import DagrunApiError

__all__ = [
    "BadRequest",
    "BatchCancelled",
    "CannotConnect",
    "ClientError",
    "Conflict",
    "ConnectionLost",
    "Forbidden",
    "NotFound",
    "ServerFault",
    "ServerUnavailable",
    "ServiceTooOld",
    "StillRunning",
    "TooManyFailures",
    "Unauthorized",
    "UnexpectedAnswer",
    "WouldHoldBack",
]


class ClientError(DagrunApiError):
    """Root of the tree; its text is the server's error message, or else one sentence."""

    def __init__(self, sentence: str, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        """The HTTP status of the answer; None if there was no answer."""
        self.request_id = request_id
        """The id under which the service logs the request."""


class BadRequest(ClientError):
    """The request is not valid."""


class Unauthorized(ClientError):
    """The token is missing or wrong."""


class Forbidden(ClientError):
    """The token does not allow this: it may only read, or is for other DAGs."""


class NotFound(ClientError):
    """What the request names does not exist."""


class Conflict(ClientError):
    """The request conflicts with the current data."""


class ServerFault(ClientError):
    """The service had an unexpected error."""


class ServerUnavailable(ClientError):
    """The service or its database is temporarily unavailable; the request may have been carried out."""

    def __init__(
        self, sentence: str, *, status: int | None = None, request_id: str | None = None, retry_after: float = 0
    ) -> None:
        super().__init__(sentence, status=status, request_id=request_id)
        self.retry_after = retry_after
        """The number of seconds that the service asks the client to wait before a retry."""


class CannotConnect(ClientError):
    """The connection failed; nothing was sent."""


class ConnectionLost(ClientError):
    """No complete answer arrived; the request may have been carried out."""


class UnexpectedAnswer(ClientError):
    """The answer is not from this API."""


class StillRunning(ClientError):
    """The batch did not end within the time limit."""


class TooManyFailures(ClientError):
    """So many runs failed that `backfill` stopped, and cancelled the runs that had not started."""


class BatchCancelled(ClientError):
    """Somebody cancelled the batch while `backfill` was feeding it."""


class WouldHoldBack(ClientError):
    """The DAG runs one run at a time, and `yes_hold_back` is not set."""


class ServiceTooOld(ClientError):
    """The service lacks an endpoint that this call needs."""
