"""The access log: one line for each answered request."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from dagrun_api.web.envelope import REQUEST_ID_HEADER
from dagrun_api.web.routes import MONITORING

__all__ = ["AccessLog"]

_QUIET = frozenset(route.path for route in MONITORING)
"""Something asks for these every few seconds. Their lines are of interest only if they fail."""

_PARAMETER = re.compile(r"([?&;])([^=&;]*)=([^&;]*)")

_SECRET = ("auth", "key", "pass", "secret", "token")
"""A parameter with one of these in its name loses its value. The API has no such parameter, but clients try."""


class AccessLog(AbstractAccessLogger):
    """One line for each answered request, without any header of the request."""

    @property
    def enabled(self) -> bool:
        """Whether lines are wanted. If not, aiohttp skips the measuring as well."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log one request; `time` is in seconds."""
        fields: dict[str, object] = {
            "method": request.method,
            "path": _PARAMETER.sub(_masked, request.path_qs),
            "status": response.status,
            "duration": round(time, 6),
            "remote": request.remote or "-",
            "request_id": response.headers.get(REQUEST_ID_HEADER, "-"),
        }
        quiet = response.status == HTTPStatus.OK and request.path in _QUIET
        self.logger.log(logging.DEBUG if quiet else logging.INFO, "answered", extra=fields)


def _masked(parameter: re.Match[str]) -> str:
    mark, name, value = parameter.groups()
    return f"{mark}{name}={'***' if any(word in name.lower() for word in _SECRET) else value}"
