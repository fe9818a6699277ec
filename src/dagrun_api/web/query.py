"""The query string of a request."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

from dagrun_api.errors import InvalidRequest
from dagrun_api.web.runtime import ROUTE
from dagrun_api.web.schemas.fields import shown

__all__ = ["read_query"]

T = TypeVar("T")


def read_query(request: web.Request, result: type[T]) -> T:
    """Return what the query string says, as the schema of the route reads it.

    Raises `InvalidRequest` for a parameter that is unknown, given twice, or has a wrong value.
    """
    query = request.query
    for name in query:
        if len(query.getall(name)) > 1:
            raise InvalidRequest(f"The parameter {shown(name)} is given more than once; send it once.")
    schema = request[ROUTE].query
    found = schema.read(dict(query)) if schema is not None else None
    if not isinstance(found, result):
        raise TypeError(f"the route of this handler does not read a {result.__name__}")
    return found
