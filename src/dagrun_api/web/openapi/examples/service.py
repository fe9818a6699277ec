"""The examples of requests about the service itself."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from dagrun_api.web.openapi.examples.example import Example

__all__ = ["EXAMPLES"]

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "get_about": (
        Example(
            "about",
            "A database of Airflow 3.1, in which runs can be created",
            answer={
                "version": version("dagrun-api"),
                "backend": "PostgreSQL",
                "airflow": "3.1",
                "head": "cc92b33c6709",
                "writable": True,
                "reason": "None",
                "native_backfills": True,
                "retries": "airflow",
            },
        ),
    ),
    "get_openapi": (Example("document", "One key of many", answer={"openapi": "3.1.0"}),),
    "get_health": (Example("alive", "The process is alive", answer={"status": "alive"}),),
    "get_readiness": (Example("ready", "The service is ready", answer={"status": "ready"}),),
    "get_metrics": (Example("metrics", "One line of many", answer="# TYPE dagrun_api_runs_created_total counter"),),
}
