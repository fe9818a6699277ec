"""The alembic heads of Airflow releases, from the `_REVISION_HEADS_MAP` of their `utils/db.py`.

A release that is missing here has the same head as the one before it: not every release changes the schema.
"""

from __future__ import annotations

__all__ = ["HEADS", "release_of"]

HEADS: dict[str, str] = {
    "03afc6b6f902": "1.10.15",
    "e959f08ac86c": "2.0.0",
    "82b7c48c147f": "2.0.1",
    "2e42bb497a22": "2.0.2",
    "a13f7613ad25": "2.1.0",
    "97cdd93827b8": "2.1.3",
    "ccde3e26fe78": "2.1.4",
    "7b2661a43ba3": "2.2.0",
    "be2bfac3da23": "2.2.3",
    "587bdf053233": "2.2.4",
    "b1b348e02d07": "2.3.0",
    "1de7bc13c950": "2.3.1",
    "3c94c427fdf6": "2.3.2",
    "f5fcbda3e651": "2.3.3",
    "ecb43d2a1842": "2.4.0",
    "b0d31815b5a6": "2.4.2",
    "e07f49787c9d": "2.4.3",
    "290244fb8b83": "2.5.0",
    "98ae134e6fff": "2.6.0",
    "c804e5c76e3e": "2.6.2",
    # Airflow 3 squashed the migrations up to 2.6.2 into one with another name.
    "4bc4d934e2bc": "2.6.2",
    "405de8318b3a": "2.7.0",
    "10b52ebd31f7": "2.8.0",
    "88344c1d9134": "2.8.1",
    "1949afb29106": "2.9.0",
    "686269002441": "2.9.2",
    "22ed7efa9da2": "2.10.0",
    "5f2621c13b39": "2.10.3",
    "29ce7909c52b": "3.0.0",
    "fe199e1abd77": "3.0.3",
    "cc92b33c6709": "3.1.0",
    "509b94a1042d": "3.1.8",
    "1d6611b6ab7c": "3.2.0",
    "d2f4e1b3c5a7": "3.3.0",
    "9cffe90fa0c0": "3.4.0b2",
    # Between the last beta and the release.
    "ee86eed19e24": "3.4.0",
    "b4f1a7d2c903": "3.4.0",
}
"""Head -> the first release that has it."""


def release_of(head: str | None) -> str | None:
    """Return the first Airflow release with this alembic head, None if the head is not known."""
    return HEADS.get(head) if head is not None else None
