"""One example of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Example"]


@dataclass(frozen=True, slots=True)
class Example:
    """A request, and its answer in the database of the examples."""

    name: str
    summary: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    body: Mapping[str, object] | None = None
    answer: object = None
    """The payload in the envelope or, if there is no envelope, some keys or lines of the answer."""
