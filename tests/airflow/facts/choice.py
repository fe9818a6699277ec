"""Which release is meant: one of those that the tests install, or another that is like its nearest relative."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from packaging.version import InvalidVersion, Version

from tests.airflow.releases import AIRFLOW_1, AIRFLOW_2, AIRFLOW_3_1, AIRFLOW_3_3, AIRFLOW_3_4, Release

__all__ = ["ChoiceError", "choose"]

KNOWN = (AIRFLOW_1, AIRFLOW_2, AIRFLOW_3_1, AIRFLOW_3_3, AIRFLOW_3_4)


class ChoiceError(Exception):
    """What was asked for is no release; the text says what to ask for."""


def choose(version: str, newest: str = "", python: str = "") -> Release:
    """Return how to install a release: with packages up to the day `newest` (today) and on a Python like 3.8.

    Raises ChoiceError.
    """
    try:
        wanted = Version(version)
        day = str(date.fromisoformat(newest)) if newest else ""
        span = _span(python) if python else None
    except (InvalidVersion, ValueError) as error:
        raise ChoiceError(
            f"{error}: give a release as PyPI names it, and an old one the last day of its packages and its Python:"
            " make airflow-facts RELEASE=2.2.5 NEWEST=2022-04-20 ON_PYTHON=3.8"
        ) from error
    kin = [each for each in KNOWN if each.major == wanted.major] or [KNOWN[-1]]
    near = max(kin, key=lambda each: (Version(each.version) <= wanted, Version(each.version)))
    if near.version != version:
        today = str(datetime.now(UTC).date())
        near = replace(near, version=version, newest=today, is_prerelease=wanted.is_prerelease)
    if Version("2") <= wanted < Version("2.7"):
        commands = replace(near.generation.commands, migrate=("db", "init"))
        near = replace(near, generation=replace(near.generation, commands=commands))
    return replace(near, newest=day or near.newest, python=span or near.python)


def _span(python: str) -> tuple[tuple[int, int], tuple[int, int]]:
    major, _, minor = python.partition(".")
    return (int(major), int(minor)), (int(major), int(minor) + 1)
