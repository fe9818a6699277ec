"""A window of time, which several requests have."""

from __future__ import annotations

from dagrun_api.web.schemas.fields import described
from dagrun_api.web.schemas.instants import Instant

__all__ = ["window_end", "window_start"]


def window_start() -> Instant:
    return Instant(
        metadata=described(
            "The start of the window, inclusive. Without a time, it is the first instant of that day. The default is "
            "now."
        )
    )


def window_end() -> Instant:
    return Instant(
        ends_day=True,
        metadata=described(
            "The end of the window, inclusive. Without a time, it is the last microsecond of that day. The default is "
            "now."
        ),
    )
