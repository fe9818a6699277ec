"""The parser of the command line, made from the table of commands."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping, Sequence

from dagrun_api.cli.command import Arguments, Command

__all__ = ["Groups", "actions", "build_parser", "parse"]

Groups = Mapping[str, Sequence[Command]]
"""What commands are about, and the commands."""


def parse(groups: Groups, arguments: Sequence[str] | None) -> tuple[Command, Arguments]:
    """Return the command that the arguments name, and its own arguments; exits with status 2 if they are wrong.

    What it prints then is the usage of the command, also where argparse would print that of the program.
    """
    parser = build_parser(groups)
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        parser.print_help(sys.stderr)
        parser.exit(2)
    names = [each.name for commands in groups.values() for each in commands]
    if not given[0].startswith("-") and given[0] not in names:
        hint = _hint(given[0], names) or "; dagrun-api --help lists the commands"
        parser.error(f"there is no command {given[0]!r}{hint}")
    found, unknown = parser.parse_known_args(given)
    values = vars(found)
    subparser: argparse.ArgumentParser = values.pop("parser")
    command: Command = values.pop("command")
    if unknown:
        flags = [flag for action in actions(subparser) for flag in action.option_strings]
        subparser.error(f"unrecognized arguments: {' '.join(unknown)}{_hint(unknown[0], flags)}")
    if mistake := command.find_mistake(values):
        subparser.error(mistake)
    return command, values


def build_parser(groups: Groups) -> argparse.ArgumentParser:
    """Return the parser of these commands."""
    parser = _Program(groups)
    parser.add_argument("-V", "--version", nargs=0, action=_Version, help="show the version and exit")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=argparse.ArgumentParser)
    for command in (each for commands in groups.values() for each in commands):
        subparser = subparsers.add_parser(
            command.name,
            help=command.help,
            description=f"{command.help}.",
            epilog=command.epilog,
            allow_abbrev=False,
        )
        command.add_arguments(subparser)
        subparser.set_defaults(command=command, parser=subparser)
    return parser


class _Program(argparse.ArgumentParser):
    """The parser of the program; its help lists the commands by what they are about."""

    def __init__(self, groups: Groups) -> None:
        super().__init__(
            prog="dagrun-api",
            description="A REST service over Apache Airflow's metadata database, and a shell for it.",
            allow_abbrev=False,
        )
        self._groups = groups

    def format_help(self) -> str:
        """Return the help: argparse itself would list all commands together."""
        width = max(len(each.name) for commands in self._groups.values() for each in commands)
        lines = [self.format_usage(), f"{self.description}", ""]
        for about, commands in self._groups.items():
            lines += [f"{about}:", *(f"    {each.name.ljust(width)}  {each.help}" for each in commands), ""]
        return "\n".join([*lines, "Each command explains itself: dagrun-api COMMAND --help\n"])


def actions(parser: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    """Return the arguments of a parser."""
    return parser._actions  # pyright: ignore[reportPrivateUsage]  # nothing public lists them


def _hint(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


class _Version(argparse.Action):
    """Print the version; it is looked up only on request, since that takes time."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"dagrun-api {version('dagrun-api')}")  # noqa: T201
        parser.exit()
