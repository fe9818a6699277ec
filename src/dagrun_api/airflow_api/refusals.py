"""Why Airflow's API did not do what it was asked. Each text is a sentence for the answer to a client.

Refused            Airflow answered no
 ├── Unanswered    no answer came; Airflow may have done it
 └── Away          no further request makes sense: Airflow is not there, or does not let the service in
"""

from __future__ import annotations

__all__ = ["Away", "Refused", "Unanswered"]


class Refused(Exception):
    """Airflow answered no."""


class Unanswered(Refused):
    """No answer came; Airflow may have done what it was asked."""


class Away(Refused):
    """No further request makes sense: Airflow is not there, or does not let the service in."""
