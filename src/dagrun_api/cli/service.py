"""The commands of the service itself: `serve`, `check` and `openapi`, which take every option of the settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from dagrun_api.cli.command import Arguments, Command, Environ
from dagrun_api.settings import OPTIONS, Settings
from dagrun_api.settings.options import FLAG, PATH

__all__ = ["check", "command", "openapi", "serve"]

_EPILOG = (
    "Every option can also be set as an environment variable (--port as DAGRUN_API_PORT) or in the INI file (as port "
    "in [dagrun_api]). A flag wins over the environment, and the environment over the file. The token has no flag: set "
    "DAGRUN_API_TOKEN, or airflow_api_auth in [airflow_api_plugin]."
)


def command(name: str, help: str, run: Callable[[Arguments, Environ], int]) -> Command:  # noqa: A002
    """Return a command that takes the options of the settings."""
    return Command(name, help, _EPILOG, _add_options, run, lambda _: None)


def serve(arguments: Arguments, environ: Environ) -> int:
    """Serve the API until a signal ends the process."""
    from dagrun_api.serving.server import run

    return run(Settings.load(arguments, environ))


def check(arguments: Arguments, environ: Environ) -> int:
    """Print a report on the database."""
    import asyncio

    from dagrun_api.cli.check import report

    return asyncio.run(report(Settings.load(arguments, environ), sys.stdout))


def openapi(arguments: Arguments, environ: Environ) -> int:
    """Print the OpenAPI document."""
    import json

    from dagrun_api.web.openapi.document import document

    json.dump(document(Settings.load(arguments, environ).prefix), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar=PATH.metavar, help="INI file to read options from")
    for each in OPTIONS:
        default = "automatic" if each.kind is FLAG and each.default is None else _shown(each.default)
        shown = f"{each.help} (default: {default})".replace("%", "%%")
        if each.kind.secret:
            # Other users of the machine can see the arguments of a process.
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
    return "none" if default in (None, ()) else str(default)
