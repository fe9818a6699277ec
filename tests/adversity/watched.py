"""The service, which on SIGUSR1 says how many asyncio tasks it has: `python -m tests.adversity.watched serve`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from dagrun_api.cli.main import main


def tell(*_: object) -> None:
    """Write to stderr past Python's buffer, which the signal may have interrupted in the middle of a line."""
    os.write(2, f"tasks={len(asyncio.all_tasks())}\n".encode("ascii"))


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    sys.exit(main())
