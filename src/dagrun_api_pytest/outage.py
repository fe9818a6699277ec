"""A store whose database goes away when a test wants it to."""

from __future__ import annotations

from typing import Any, cast

from dagrun_api.errors import Unavailable
from dagrun_api.store import Store, StoreState

__all__ = ["Outage"]


class Outage:
    """Stands before a store and raises, while `is_away`, what a backend raises when it reaches no database.

    An open SQLite file cannot be taken away: its connections keep it, wherever it is moved.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_away = False

    @property
    def store(self) -> Store:
        """This, as the store that it stands before."""
        return cast("Store", self)

    def state(self) -> StoreState | None:
        """Return what the store knows without asking its database, which it goes on knowing."""
        return self._store.state()

    def __getattr__(self, name: str) -> Any:
        if self.is_away:
            cause = ConnectionRefusedError("the test has taken the database away")
            raise Unavailable("The database cannot be reached, or the connection to it was lost.") from cause
        return getattr(self._store, name)
