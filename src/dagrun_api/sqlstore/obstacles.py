"""What keeps the service from writing to a database whose tables would allow it."""

from __future__ import annotations

from typing import NamedTuple

from dagrun_api.errors import Unavailable
from dagrun_api.model import LACKS_PRIVILEGE

__all__ = ["Obstacles"]


class Obstacles(NamedTuple):
    """What a database says when it is asked, without trying, whether it can be written to."""

    refusal: str | None = None
    """Why nothing can be written, as a sentence; None if nothing speaks against it."""
    missing: tuple[str, ...] = ()
    """Privileges that the database user lacks."""
    backfill_missing: tuple[str, ...] = ()
    """Privileges that it lacks for native backfills only. They are no obstacle: ordinary batches do without them."""
    retry_missing: tuple[str, ...] = ()
    """Privileges that it lacks only to put failed runs back into the queue."""
    because: str = ""
    """Where that is; for the log and the operator."""

    def require_none(self) -> None:
        """Raise `Unavailable` if there is one."""
        if self.refusal is not None:
            raise Unavailable(self.refusal, because=self.because)
        if self.missing:
            needed = f"it needs {', '.join(self.missing)}"
            raise Unavailable(LACKS_PRIVILEGE, because=f"{self.because}: {needed}" if self.because else needed)
