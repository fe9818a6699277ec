"""A REST service over Apache Airflow's metadata database: batches of DAG runs, all in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagrun_api.settings import Settings
    from dagrun_api.settings.rights import Rights
    from dagrun_api.settings.tokens import AccessToken
    from dagrun_api.store import Store
    from dagrun_api.web.app import create_app, setup
    from dagrun_api.web.auth import Authorize

__all__ = ["AccessToken", "Authorize", "Rights", "Settings", "Store", "create_app", "setup"]


def __getattr__(name: str) -> Any:
    # Imported when first used: the backends and the schedule engine do without the web.
    import importlib

    homes = {
        "AccessToken": "settings.tokens",
        "Authorize": "web.auth",
        "Rights": "settings.rights",
        "Settings": "settings",
        "Store": "store",
        "create_app": "web.app",
        "setup": "web.app",
    }
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{homes[name]}"), name)
