"""Whether the service could create runs now."""

from __future__ import annotations

import asyncio
from time import monotonic

from dagrun_api.batches.service import Service
from dagrun_api.errors import DagrunApiError, Unavailable

__all__ = ["Readiness"]

_KEPT_SECONDS = 1.0


class Readiness:
    """Asks the database whether runs could be created, at most once a second however often probes arrive."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._refusal: DagrunApiError | None = None

    async def check(self) -> None:
        """Return if runs could be created; otherwise raise `Unavailable` with the reason, caused by the real error."""
        async with self._lock:
            if monotonic() - self._asked_at > _KEPT_SECONDS:
                self._refusal = await self._ask()
                self._asked_at = monotonic()
        refusal = self._refusal
        if refusal is not None:
            because = refusal.because if isinstance(refusal, Unavailable) else ""
            raise Unavailable(str(refusal), because=because) from refusal

    async def _ask(self) -> DagrunApiError | None:
        try:
            await self._service.ready()
        except DagrunApiError as error:
            return error
        return None
