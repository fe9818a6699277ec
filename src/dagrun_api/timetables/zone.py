"""A time zone as spans of one UTC offset; instants and offsets are whole seconds.

The data comes from the `tzdata` package, never from the system, so one version of it always gives the same answer.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from importlib import resources
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dagrun_api.errors import InvalidTimetable
from dagrun_api.timetables.runs import EARLIEST, LATEST, moment

__all__ = ["FAR", "Span", "Zone", "find_zone"]

DAY = 86_400
YEAR = 31_556_952
"""The mean year of the calendar, which repeats after 400 of them."""
FAR = 1 << 62
"""Later than every instant; `-FAR` is earlier."""


class Span(NamedTuple):
    """A stretch of time, from `start` to before `end`, in which a zone's clock keeps one offset."""

    start: int
    end: int
    offset: int
    next_offset: int
    ahead: timedelta
    """The offset as a timedelta, to calculate with datetimes. The local times below are datetimes as if in UTC."""
    opens: datetime
    """The first local time of this span."""
    closes: datetime
    """The first local time after this span: the next span shows it, shows it again, or skips it."""


class Zone:
    """The offsets of a zone: a table of spans and, where the clock still changes, a rule for later years."""

    def __init__(self, name: str, spans: list[Span], rule: _Rule | None = None) -> None:
        self.name = name
        self._spans = spans
        self._ends = [span.end for span in spans]
        self._rule = rule

    def span(self, instant: int) -> Span:
        """Return the span that holds an instant."""
        index = bisect_right(self._ends, instant)
        if self._rule is not None and index == len(self._spans):
            return self._rule.span(instant)
        return self._spans[index]

    def spans(self, instant: int) -> Iterator[Span]:
        """Yield the span that holds an instant, and all spans after it."""
        yield from self._spans[bisect_right(self._ends, instant) :]
        if self._rule is not None:
            yield from self._rule.spans(max(instant, self._ends[-1]))

    def instant(self, wall: int) -> int:
        """Return the instant at which the clock shows the local time `wall`.

        A local time that occurs twice means the second occurrence. One that is skipped is read with the offset before
        the change, so it lies as far after the change as after the start of the gap (seen in Airflow 2.11.2, 3.1.8
        and 3.3.2, which localize with fold=1).
        """
        span = self.span(wall - DAY)
        while wall >= span.end + min(span.offset, span.next_offset):
            following = self.span(span.end)
            if wall < following.start + following.offset:
                break
            span = following
        return wall - span.offset


class _Rule:
    """The yearly clock changes of a zone after the year in which its table ends."""

    def __init__(self, zone: ZoneInfo, first_year: int) -> None:
        self._zone = zone
        self._first_year = first_year
        self._find = lru_cache(maxsize=400)(self.search)
        self._near = lru_cache(maxsize=50)(self._spans_near)

    def span(self, instant: int) -> Span:
        """Return the span that holds an instant."""
        ends, spans = self._near(1970 + instant // YEAR)
        return spans[bisect_right(ends, instant)]

    def spans(self, instant: int) -> Iterator[Span]:
        """Yield the span that holds an instant, and all spans after it."""
        while True:
            ends, spans = self._near(1970 + instant // YEAR)
            yield from spans[bisect_right(ends, instant) :]
            instant = ends[-1]

    def changes(self, year: int) -> list[tuple[int, int]]:
        """Return the changes of a year: when, and the offset from then on. The calendar repeats every 400 years."""
        cycles, since = divmod(year - self._first_year, 400)
        return [(at + cycles * 400 * YEAR, offset) for at, offset in self._find(self._first_year + since)]

    def _spans_near(self, year: int) -> tuple[list[int], list[Span]]:
        """Return the spans of a year and most of the years beside it: the mean year finds the year only roughly."""
        spans = _spans([change for near in (year - 1, year, year + 1) for change in self.changes(near)])
        return [span.end for span in spans], spans

    def search(self, year: int) -> list[tuple[int, int]]:
        """Return the changes of a year, found in the zone by bisecting each month that has one."""
        firsts = [datetime(year, month, 1, tzinfo=UTC) for month in range(1, 13)]
        months = [int(first.timestamp()) for first in (*firsts, datetime(year + 1, 1, 1, tzinfo=UTC))]
        found: list[tuple[int, int]] = []
        for early, late in pairwise(months):
            offset = _offset(self._zone, late)
            if _offset(self._zone, early) != offset:
                seconds = range(early, late + 1)
                changed = partial(self._has, offset)
                found.append((seconds[bisect_left(seconds, True, key=changed)], offset))
        return found

    def _has(self, offset: int, instant: int) -> bool:
        return _offset(self._zone, instant) == offset


@lru_cache(maxsize=128)
def find_zone(name: str | int) -> Zone:
    """Return the zone of an IANA name or an offset in seconds; raises InvalidTimetable when there is none."""
    if isinstance(name, int):
        if abs(name) >= DAY:
            raise InvalidTimetable("The time zone's offset is a day or more.")
        return _fixed(f"UTC{'-' if name < 0 else '+'}{timedelta(seconds=abs(name))}", name)
    if name.upper() == "UTC":
        return _fixed("UTC", 0)
    if name not in _names():
        raise InvalidTimetable(f"There is no time zone {name[:99]!r} in the time zone database.")
    return _read(name, (resources.files("tzdata") / "zoneinfo" / name).read_bytes())


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="ascii").split())


def _fixed(name: str, offset: int) -> Zone:
    return Zone(name, [_span(-FAR, FAR, offset, offset)])


def _read(name: str, data: bytes) -> Zone:
    zone = ZoneInfo.from_file(io.BytesIO(data), key=name)
    table = _table(data)
    if not table:
        return _fixed(name, _offset(zone, 0))
    changes = [(-FAR, _offset(zone, table[0] - 1))]
    for at in table:
        if (offset := _offset(zone, at)) != changes[-1][1]:
            changes.append((at, offset))
    last_year = moment(table[-1]).year
    rule = _Rule(zone, last_year + 1)
    # The table may end, and the rule begin, in the middle of a year.
    later = rule.search(last_year) + rule.search(last_year + 1)
    changes += [change for change in later if change[0] > changes[-1][0]]
    if not rule.changes(last_year + 2):
        return Zone(name, _spans([*changes, (FAR, changes[-1][1])]))
    return Zone(name, _spans(changes), rule)


def _spans(changes: list[tuple[int, int]]) -> list[Span]:
    return [_span(start, end, offset, following) for (start, offset), (end, following) in pairwise(changes)]


def _span(start: int, end: int, offset: int, following: int) -> Span:
    opens, closes = start + offset, end + min(offset, following)
    readings = (moment(min(max(at, EARLIEST + 2 * DAY), LATEST - 2 * DAY)) for at in (opens, closes))
    return Span(start, end, offset, following, timedelta(seconds=offset), *readings)


def _table(data: bytes) -> list[int]:
    """Return when the clock changed, from the 64-bit table of a TZif file (RFC 9636)."""
    header = struct.Struct(">4sc15x6l")
    _, _, isut, isstd, leap, times, types, chars = header.unpack_from(data)
    second = header.size + 5 * times + 6 * types + chars + 8 * leap + isstd + isut
    *_, times, _, _ = header.unpack_from(data, second)
    return list(struct.unpack_from(f">{times}q", data, second + header.size))


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = moment(instant).astimezone(zone).utcoffset()
    return 0 if offset is None else offset.days * DAY + offset.seconds
