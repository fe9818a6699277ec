"""The access log: one line for each request that was answered."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

__all__ = ["AccessLog"]

_PARAMETER = re.compile(r"([?&;])([^=&;]*)=([^&;]*)")
# Asked every few seconds; as long as they are well, nobody wants to read of it.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

_SECRET = ("auth", "key", "pass", "secret", "token")


class AccessLog(AbstractAccessLogger):
    """One line for each request answered, without any header of it."""

    @property
    def enabled(self) -> bool:
        """Whether lines are wanted, so that no time is taken when they are not."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log one request; `time` is in seconds."""
        fields: dict[str, object] = {
            "method": request.method,
            "path": _PARAMETER.sub(_masked, request.path_qs),
            "status": response.status,
            "duration": round(time, 6),
            "remote": request.remote or "-",
            "request_id": response.headers.get("X-Request-ID", "-"),
        }
        quiet = response.status == HTTPStatus.OK and request.path in _PROBES
        self.logger.log(logging.DEBUG if quiet else logging.INFO, "answered", extra=fields)


def _masked(parameter: re.Match[str]) -> str:
    """A query parameter, without its value when the name says that it is secret (we have none of that kind)."""
    mark, name, value = parameter.groups()
    return f"{mark}{name}={'***' if any(word in name.lower() for word in _SECRET) else value}"
