"""A REST service over Apache Airflow's metadata database: batches of DAG runs, each in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagrun_api.settings import AccessToken, Rights, Settings
    from dagrun_api.store import Store
    from dagrun_api.web.app import create_app, setup
    from dagrun_api.web.auth import Authorize

__all__ = ["AccessToken", "Authorize", "Rights", "Settings", "Store", "create_app", "setup"]


def __getattr__(name: str) -> Any:
    # Each name is imported on first use: backends and the schedule engine do not need the web layer.
    import importlib

    homes = {
        "AccessToken": "settings",
        "Authorize": "web.auth",
        "Rights": "settings",
        "Settings": "settings",
        "Store": "store",
        "create_app": "web.app",
        "setup": "web.app",
    }
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{homes[name]}"), name)
