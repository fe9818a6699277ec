"""The examples of the OpenAPI document. A test sends each request and compares the answer."""

from __future__ import annotations

from collections.abc import Mapping

from dagrun_api.web.openapi.examples import batches, creation, dags, runs, service, ticks
from dagrun_api.web.openapi.examples.example import Example

__all__ = ["EXAMPLES", "Example"]

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    **dags.EXAMPLES,
    **ticks.EXAMPLES,
    **runs.EXAMPLES,
    **creation.EXAMPLES,
    **batches.EXAMPLES,
    **service.EXAMPLES,
}
"""Name of a route -> its examples, the simplest first."""
