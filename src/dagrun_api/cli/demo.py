"""`serve --demo`: the example DAGs in a database that is deleted at the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from dagrun_api.cli.command import Arguments
from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings

__all__ = ["demo_settings", "find_mistake"]

_OTHERS = ("database", "dags", "airflow_cfg")
"""The options that choose a database or its DAGs."""


def find_mistake(arguments: Arguments) -> str | None:
    """Return what is wrong with the combination of arguments, or None."""
    for name in _OTHERS:
        if arguments["demo"] and arguments[name] is not None:
            return f"argument --demo: not allowed with argument --{name.replace('_', '-')}"
    return None


@contextmanager
def demo_settings(settings: Settings) -> Generator[Settings]:
    """Provide the same settings with a temporary database of the example DAGs.

    It is not the file of the usual built-in database, which may hold other DAGs: a catalogue takes those out of the
    DagBag. Raises ConfigurationError if the environment or the INI file names a database or DAGs.
    """
    usual = {each.name: each.default for each in dataclasses.fields(Settings)}
    if named := [name for name in _OTHERS if getattr(settings, name) != usual[name]]:
        raise ConfigurationError(
            f"--demo serves a temporary database with example DAGs, but the environment or the INI file sets "
            f"{' and '.join(named)}: leave out one of the two."
        )
    with TemporaryDirectory(prefix="dagrun-api-demo-") as folder, as_file(files("dagrun_api") / "dags.toml") as dags:
        database = f"sqlite:///{Path(folder) / 'demo.db'}"
        yield dataclasses.replace(settings, database=database, dags=dags)
