"""A service on the event loop that a test names."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path

from tests.service import process
from tests.service.process import ServiceProcess

__all__ = ["LOOPS", "serving"]

LOOPS = ("asyncio", *(("uvloop",) if find_spec("uvloop") else ()))
"""The event loops that are installed here."""

# A service takes uvloop where it is installed; the other loop has to be set from inside.
_ON_ASYNCIO = """
import sys
from dagrun_api.cli import main as command_line
from dagrun_api.serving import server
server.loop_factory = lambda: None
sys.exit(command_line.main())
"""


def serving(
    folder: Path, *options: str, loop: str = "asyncio", environ: Mapping[str, str] | None = None
) -> AbstractContextManager[ServiceProcess]:
    """Serve on this loop until the end of the block."""
    program = process.PROGRAM if loop == "uvloop" else (sys.executable, "-c", _ON_ASYNCIO)
    return process.serving(folder, *options, program=program, environ=environ)
