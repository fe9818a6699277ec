"""What the parser and the dispatch know about a command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Arguments", "Command", "Environ"]

Arguments = Mapping[str, Any]
"""The parsed arguments of a command, by name."""

Environ = Mapping[str, str]
"""The environment variables."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the command line."""

    name: str
    help: str
    epilog: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Arguments, Environ], int]
    """Run the command and return its exit status; raises DagrunApiError."""
    find_mistake: Callable[[Arguments], str | None] = lambda _: None
    """Return what is wrong with the combination of arguments, or None."""
    explain: Callable[[str], str] = lambda sentence: sentence
    """Return the sentence of an error in the words of this command."""
