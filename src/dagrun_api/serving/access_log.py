"""The access log: one line for each answered request."""

from __future__ import annotations

import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from dagrun_api.web.envelope import REQUEST_ID_HEADER
from dagrun_api.web.masking import Mask
from dagrun_api.web.runtime import ROUTE

__all__ = ["AccessLog"]


class AccessLog(AbstractAccessLogger):
    """One line for each answered request, without any header of the request and without tokens."""

    def __init__(self, mask: Mask, logger: logging.Logger, log_format: str) -> None:
        super().__init__(logger, log_format)
        self._mask = mask

    @property
    def enabled(self) -> bool:
        """Whether lines are wanted. If not, aiohttp skips the measuring as well."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log one request; `time` is in seconds."""
        level = _level(request, response.status)
        if not self.logger.isEnabledFor(level):
            return
        fields: dict[str, object] = {
            "method": request.method,
            "path": self._mask.address(request.path_qs),
            "status": response.status,
            "duration": round(time, 6),
            "remote": request.remote or "-",
            "request_id": response.headers.get(REQUEST_ID_HEADER, "-"),
        }
        self.logger.log(level, "answered", extra=fields)


def _level(request: web.BaseRequest, status: int) -> int:
    route = request.get(ROUTE)
    is_quiet = route is not None and route.is_quiet and status < HTTPStatus.BAD_REQUEST
    return logging.DEBUG if is_quiet or status == HTTPStatus.NOT_MODIFIED else logging.INFO
