"""The command line: what a service does, and what is asked of one. What is heavy is imported only when it is needed."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from dagrun_api.cli.arguments import Command, add_commands
from dagrun_api.errors import DagrunApiError
from dagrun_api.settings import OPTIONS, Settings
from dagrun_api.settings.options import FLAG, PATH, TOKEN

__all__ = ["main"]

COMMANDS = {
    "serve": "serve the API until SIGTERM or Ctrl-C",
    "check": "connect to the database, tell what it is and what may be done with it, and change nothing",
    "openapi": "print the OpenAPI document of the API",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    command: Command = given.pop("run")
    try:
        status = command(given, os.environ)
        # Here, so that a reader who has gone away is met here too.
        sys.stdout.flush()
    except DagrunApiError as error:
        print(f"dagrun-api: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The interpreter flushes stdout once more at its end: let it do so to nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _serve(given: dict[str, Any], environ: Mapping[str, str]) -> int:
    from dagrun_api.serving.server import run

    return run(Settings.load(given, environ))


def _check(given: dict[str, Any], environ: Mapping[str, str]) -> int:
    from dagrun_api.cli.check import report

    return asyncio.run(report(Settings.load(given, environ), sys.stdout))


def _openapi(given: dict[str, Any], environ: Mapping[str, str]) -> int:
    import json

    from dagrun_api.web.openapi.document import document

    json.dump(document(Settings.load(given, environ).prefix), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"dagrun-api {version('dagrun-api')}")  # noqa: T201
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dagrun-api",
        description="A REST service over Apache Airflow's metadata database.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", nargs=0, action=_Version, help="print the version and stop")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run in (("serve", _serve), ("check", _check), ("openapi", _openapi)):
        command = commands.add_parser(
            name,
            help=COMMANDS[name],
            description=f"{COMMANDS[name][0].upper()}{COMMANDS[name][1:]}.",
            epilog="Each option may also be set in the environment, --port as DAGRUN_API_PORT and so on, "
            "or in the file, as port in [dagrun_api]; flags win over the environment, and that over the file.",
            allow_abbrev=False,
        )
        command.set_defaults(run=run)
        _add_options(command)
    add_commands(commands.add_parser)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar=PATH.metavar, help="INI file with any of these options")
    for each in OPTIONS:
        shown = f"{each.help} (default: {_shown(each.default)})".replace("%", "%%")
        if each.kind is TOKEN:
            # Other users of the machine can read the arguments of a process.
            continue
        if each.kind is FLAG:
            action = argparse.BooleanOptionalAction
            parser.add_argument(each.flag, dest=each.name, action=action, default=None, help=shown)
        else:
            parser.add_argument(each.flag, dest=each.name, metavar=each.kind.metavar, help=shown)


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float):
        return f"{default:g}"
    return "none" if default is None else str(default)
