"""What one route of the service is. The table of all routes is in `routes.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp.typedefs import Handler

from dagrun_api.web.openapi.operations.operation import Operation
from dagrun_api.web.schemas.requests.schema import QuerySchema
from dagrun_api.web.schemas.values import named

__all__ = ["PATH_PARAMETERS", "PathParameter", "Route"]


@dataclass(frozen=True, slots=True)
class PathParameter:
    """A part of a path that the client chooses."""

    pattern: str
    """The regular expression that its value matches."""
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


PATH_PARAMETERS: Mapping[str, PathParameter] = {
    "dag_id": PathParameter("[^/]+", "The DAG."),
    # This includes encoded slashes, line breaks and braces.
    "dag_run_id": PathParameter("(?s:.+)", "The run id, percent-encoded. It may contain any character."),
    "paused": PathParameter("true|false", "`true` to pause, `false` to continue.", named("Switch")),
    "prefix": PathParameter("[^/]+", "The prefix of the batch, with or without the underscore at its end."),
}
"""Name in a path -> what it stands for."""

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One method of one path. Everything that is true of a route is in its entry in the table."""

    name: str
    """The `operationId` in the OpenAPI document. The examples of the route go by this name, too."""
    method: str
    """`GET` stands for `GET` and `HEAD`."""
    path: str
    """The path as documented, such as `/dag_runs/{dag_run_id}`."""
    handler: Handler
    """Each route has a handler of its own, by which a request finds its route."""
    query: QuerySchema[Any] | None = field(default=None, kw_only=True)
    """The schema of the query string. A route without one ignores the query string."""
    needs_token: bool = field(default=True, kw_only=True)
    """Whether a client without a token is refused, if tokens are set."""
    checks_host: bool = field(default=True, kw_only=True)
    """Whether a request for a host that is not allowed is refused, if no tokens are set."""
    uses_database: bool = field(default=True, kw_only=True)
    """Whether a successful answer proves that the database answers."""
    is_quiet: bool = field(default=False, kw_only=True)
    """Whether something asks for it so often that the access log shows its successes at the level debug only."""
    operation: Operation | None = field(default=None, kw_only=True)
    """What the OpenAPI document says about the route; None for the pages and their files."""

    def below(self, prefix: str) -> Route:
        """Return this route with the prefix before its path."""
        return replace(self, path=prefix + self.path)

    @property
    def parameters(self) -> Mapping[str, PathParameter]:
        """The parameters in the path, by name."""
        return {name: PATH_PARAMETERS[name] for name in _PARAMETER.findall(self.path)}

    @property
    def resource(self) -> str:
        """The path as the router of aiohttp wants it, with a pattern for each parameter."""
        return _PARAMETER.sub(lambda found: f"{{{found[1]}:{PATH_PARAMETERS[found[1]].pattern}}}", self.path)
