"""Which days of a month a cron expression names: croniter's reading of the two day fields.

The answer depends on nothing but the month's length and the weekday it begins with.
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
        # Two restricted fields are a union: croniter searches once without each and takes the earlier find.
        # "#", "L5" and "W" stay in force in both searches, and then one search without any find is fatal.
        self.either = self._days is not None and self._weekdays is not None
        self.both_needed = self.either and bool(nth or nearest)

    def of_month(self, first_weekday: int, length: int) -> tuple[set[int], set[int]]:
        """The days that the expression names, and those that both of its searches find."""
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
    """`5#2` is the second Friday, `L5` the last one."""
    occurrences = range(1 + (weekday - first_weekday) % 7, length + 1, 7)
    return {
        occurrences[-1] if n == "l" else occurrences[int(n) - 1] for n in ns if n == "l" or int(n) <= len(occurrences)
    }


def _nearest(day: int, first_weekday: int, length: int) -> int:
    """`15W` is the working day next to the 15th, within its month; days past the end count as the last."""
    day = min(day, length)
    weekday = (first_weekday + day - 1) % 7
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < length else day - 2
    return day
