"""What the client raises; the tree is drawn in the package."""

from __future__ import annotations

from dagrun_api.errors import DagrunApiError

__all__ = [
    "BadRequest",
    "CannotConnect",
    "ClientError",
    "Conflict",
    "ConnectionLost",
    "Forbidden",
    "NotFound",
    "ServerFault",
    "ServerUnavailable",
    "StillRunning",
    "Unauthorized",
    "UnexpectedAnswer",
]


class ClientError(DagrunApiError):
    """Root of the tree; its text is one sentence, the server's own where there is one."""

    def __init__(self, sentence: str, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        """The status of the answer; None when there was none."""
        self.request_id = request_id
        """What the log of the service has beside the request."""


class BadRequest(ClientError):
    """The request cannot be accepted as it was sent."""


class Unauthorized(ClientError):
    """The request carried no token, or a wrong one."""


class Forbidden(ClientError):
    """The token does not allow it: it may only read, or is for other DAGs."""


class NotFound(ClientError):
    """What the request names does not exist."""


class Conflict(ClientError):
    """The request is sound, but the state of the data forbids it."""


class ServerFault(ClientError):
    """A fault of the service."""


class ServerUnavailable(ClientError):
    """The service or its database cannot answer now; what was asked may have been done, as when a commit hangs."""

    def __init__(
        self, sentence: str, *, status: int | None = None, request_id: str | None = None, retry_after: float = 0
    ) -> None:
        super().__init__(sentence, status=status, request_id=request_id)
        self.retry_after = retry_after
        """The seconds after which the service wants to be asked again."""


class CannotConnect(ClientError):
    """There was no connection; nothing was sent."""


class ConnectionLost(ClientError):
    """There was no answer, or only half of one; what was asked may have been done."""


class UnexpectedAnswer(ClientError):
    """What answered is not this API."""


class StillRunning(ClientError):
    """The batch had not ended when the time was up."""
