"""A store whose database a test can make unreachable."""

from __future__ import annotations

from typing import Any, cast

from dagrun_api.errors import Unreachable
from dagrun_api.store import Store, StoreState

__all__ = ["Outage"]


class Outage:
    """A proxy of a store that raises, while `is_away`, the error of a backend that cannot reach its database.

    Moving the SQLite file would not do: that is another error, which waiting does not cure.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_away = False

    @property
    def store(self) -> Store:
        """This proxy, typed as a store."""
        return cast("Store", self)

    def state(self) -> StoreState:
        """Return the state of the store, which does not need the database."""
        return self._store.state()

    def __getattr__(self, name: str) -> Any:
        if self.is_away:
            raise Unreachable(
                "The database cannot be reached, or the connection to it was lost.",
                because="the test made the database unreachable",
            )
        return getattr(self._store, name)
