"""A fake Airflow for the tests of programs that use dagrun-api: the real service on a temporary database.

The fixtures are in `plugin.py`; pytest finds them automatically when dagrun-api is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagrun_api_pytest.plugin import ServerFactory
    from dagrun_api_pytest.runs import Run
    from dagrun_api_pytest.scheduler import Scheduler
    from dagrun_api_pytest.server import Server

__all__ = ["Run", "Scheduler", "Server", "ServerFactory"]


def __getattr__(name: str) -> Any:
    # Each name is imported on first use: pytest imports this package in every run of every suite.
    import importlib

    homes = {"Run": "runs", "Scheduler": "scheduler", "Server": "server", "ServerFactory": "plugin"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{homes[name]}"), name)
