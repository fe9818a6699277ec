"""The connections that are open on a port: at most so many, and idle ones make room for new ones."""

from __future__ import annotations

import logging
from collections import OrderedDict
from itertools import islice
from typing import Protocol

from dagrun_api.serving.tally import Tally

__all__ = ["Crowd", "Member"]

_LOOKED_AT = 16
"""Idle connections that are asked for an unread request. If so many have one, the service is busy, and none is idle."""

logger = logging.getLogger(__name__)


class Member(Protocol):
    """A connection."""

    @property
    def is_idle(self) -> bool: ...

    @property
    def has_unread(self) -> bool: ...

    def abort(self) -> None: ...


class Crowd:
    """The open connections, in the order in which they were last used."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._members: OrderedDict[Member, None] = OrderedDict()
        self._refused = Tally(
            logger, f"Refused %d connections: {limit} are open, which is the limit, and none of them is idle"
        )
        self._closed = Tally(logger, f"Closed %d idle connections for new ones: {limit} are open, which is the limit")
        self._unread = Tally(logger, "Closed %d connections whose clients did not read their answers")

    def has_room(self) -> bool:
        """Return whether one more connection may come, if necessary in place of the one that is idle for longest."""
        if len(self._members) < self._limit:
            return True
        idle_for_long = islice((each for each in self._members if each.is_idle), _LOOKED_AT)
        idle = next((each for each in idle_for_long if not each.has_unread), None)
        if idle is None:
            self._refused.add()
            return False
        self._closed.add()
        # Its place is free at once, while the event loop closes it a moment later.
        self.remove(idle)
        idle.abort()
        return True

    def add(self, member: Member) -> None:
        """Count a connection that has been accepted."""
        self._members[member] = None

    def used(self, member: Member) -> None:
        """Note that a connection has just answered a request."""
        if member in self._members:
            self._members.move_to_end(member)

    def remove(self, member: Member) -> None:
        """Count a connection no longer; it may be removed twice."""
        self._members.pop(member, None)

    def count_unread(self) -> None:
        """Note that a connection is closed because its client does not read."""
        self._unread.add()

    def close(self) -> None:
        """Log what is not logged yet."""
        for each in (self._refused, self._closed, self._unread):
            each.close()
