"""What a test is given: an Airflow and our service on one database, both at work."""

from __future__ import annotations

from dataclasses import dataclass

from .deployment import Deployment
from .processes import Running
from .service import Service


@dataclass(frozen=True, slots=True)
class Site:
    """Airflow at work, its scheduler, and our service beside it."""

    airflow: Deployment
    scheduler: Running
    service: Service

    @property
    def many(self) -> int:
        """As many runs as make a batch that keeps it busy for half a minute or more."""
        if not self.airflow.parallel:
            return 15
        return 100 if self.airflow.release.major < 3 else 40
