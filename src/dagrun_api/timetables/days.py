"""Which days of a month a cron expression names, as croniter reads its two day fields.

The answer depends only on the length of the month and the weekday of its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Days"]

SATURDAY, SUNDAY = 6, 0  # cron counts the weekdays from Sunday


class Days:
    """The day-of-month and day-of-week fields of one expression."""

    __slots__ = ("_days", "_nearest", "_nth", "_weekdays", "both_needed", "either")

    def __init__(
        self,
        days: Sequence[int | str],
        weekdays: Sequence[int | str],
        nth: Mapping[int, Iterable[int | str]],
        nearest: Iterable[int],
    ) -> None:
        self._days = None if "*" in days else days
        self._weekdays = None if "*" in weekdays else weekdays
        self._nth = nth
        self._nearest = nearest
        # Two restricted fields are a union: croniter searches once without each field and takes the earlier result.
        # "#", "L5" and "W" apply to both searches, and then a search that finds nothing ends the list.
        self.either = self._days is not None and self._weekdays is not None
        self.both_needed = self.either and bool(nth or nearest)

    def of_month(self, first_weekday: int, length: int) -> tuple[set[int], set[int]]:
        """Return the days that the expression names, and those that both of its searches find."""
        every = set(range(1, length + 1))
        nearest = {_nearest(day, first_weekday, length) for day in self._nearest}
        nth = {day for weekday, ns in self._nth.items() for day in _nth(weekday, ns, first_weekday, length)}
        by_day = nearest or self._plain_days(every)
        by_weekday = nth if self._nth else self._plain_weekdays(every, first_weekday)
        if not self.either:
            return by_day & by_weekday, every
        one = by_day & (nth if self._nth else every)
        other = (nearest or every) & by_weekday
        return one | other, one & other

    def _plain_days(self, every: set[int]) -> set[int]:
        if self._days is None:
            return every
        return {max(every) if day == "l" else int(day) for day in self._days} & every

    def _plain_weekdays(self, every: set[int], first_weekday: int) -> set[int]:
        if self._weekdays is None:
            return every
        return {day for day in every if (first_weekday + day - 1) % 7 in self._weekdays}


def _nth(weekday: int, ns: Iterable[int | str], first_weekday: int, length: int) -> set[int]:
    """Return the days of `5#2`, the second Friday, or of `L5`, the last one."""
    occurrences = range(1 + (weekday - first_weekday) % 7, length + 1, 7)
    return {
        occurrences[-1] if n == "l" else occurrences[int(n) - 1] for n in ns if n == "l" or int(n) <= len(occurrences)
    }


def _nearest(day: int, first_weekday: int, length: int) -> int:
    """Return the day of `15W`: the working day of the month nearest to the 15th; a day past its end is the last one."""
    day = min(day, length)
    weekday = (first_weekday + day - 1) % 7
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < length else day - 2
    return day
