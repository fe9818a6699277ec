"""The command `completion`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import cast

from dagrun_api.cli.command import Arguments, Command, Environ

__all__ = ["add_arguments", "command"]

_SHELLS = ("bash", "zsh", "fish")

_FILES = ("FILE", "JSON")
"""What the help calls a value that is, or may be, the name of a file."""

_EPILOG = (
    'bash: add the line eval "$(dagrun-api completion bash)" to ~/.bashrc. '
    "zsh: dagrun-api completion zsh > ~/.zfunc/_dagrun-api, in a folder of $fpath, before compinit. "
    "fish: dagrun-api completion fish > ~/.config/fish/completions/dagrun-api.fish"
)


def command(name: str, help: str) -> Command:  # noqa: A002
    """Return the command."""
    return Command(name, help, _EPILOG, add_arguments, _run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", choices=_SHELLS, help="the shell that runs the script")


def _run(arguments: Arguments, _: Environ) -> int:
    """Print the script."""
    import shtab

    from dagrun_api.cli.main import GROUPS
    from dagrun_api.cli.parser import build_parser

    parser = build_parser(GROUPS)
    for action in _all_actions(parser):
        if action.metavar in _FILES:
            # The attribute that shtab looks for.
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    sys.stdout.write(shtab.complete(parser, arguments["shell"]) + "\n")
    return 0


def _all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    from dagrun_api.cli.parser import actions

    for action in actions(parser):
        yield action
        # Those of the commands are below the argument that names the command.
        choices: object = action.choices  # pyright: ignore[reportUnknownMemberType]
        if isinstance(choices, Mapping):
            for subparser in cast("Mapping[str, argparse.ArgumentParser]", choices).values():
                yield from _all_actions(subparser)
