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
                "retries": "none",
            },
        ),
    ),
    "get_openapi": (Example("document", "The document itself", external="openapi.json"),),
    "healthz": (Example("alive", "The process is alive", answer={"status": "alive"}),),
    "readyz": (Example("ready", "The service is ready", answer={"status": "ready"}),),
    "metrics": (Example("metrics", "One line of many", answer="# TYPE dagrun_api_runs_created_total counter"),),
}
