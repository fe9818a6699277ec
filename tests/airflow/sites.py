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
        """As many runs as make a batch that keeps it busy for a while."""
        return 40 if self.airflow.parallel else 5
