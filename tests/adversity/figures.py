"""What the tests counted, for the table at the end of a session."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Figures"]


class Figures:
    """Counts that add up, and extremes that stay, by name."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._longest: dict[str, float] = {}

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count."""
        self._counts[name] = self._counts.get(name, 0) + number

    def longest(self, name: str, seconds: float) -> None:
        """Keep the longest of these times."""
        self._longest[name] = max(seconds, self._longest.get(name, 0.0))

    def lines(self) -> Iterator[str]:
        """Yield the table, in the order of the names."""
        shown = {name: f"{number:>10,}" for name, number in self._counts.items()}
        shown |= {name: f"{1000 * seconds:>7,.0f} ms" for name, seconds in self._longest.items()}
        for name, value in sorted(shown.items()):
            yield f"{name:<64} {value}"
