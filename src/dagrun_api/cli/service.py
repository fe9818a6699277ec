"""The commands of the service itself: `serve`, `check` and `openapi`, which take every option of the settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from dagrun_api.cli.command import Arguments, Command, Environ
from dagrun_api.cli.demo import demo_settings
from dagrun_api.cli.output import note
from dagrun_api.settings import OPTIONS, Settings
from dagrun_api.settings.options import FLAG, PATH

__all__ = ["add_demo", "check", "command", "openapi", "serve"]

_EPILOG = (
    "Every option can also be set as an environment variable (--port as DAGRUN_API_PORT) or in the INI file (as port "
    "in [dagrun_api]). A flag wins over the environment, and the environment over the file. The token has no flag: set "
    "DAGRUN_API_TOKEN, or airflow_api_auth in [airflow_api_plugin]."
)

_DEMO = (
    "This is a demo: its DAGs and runs are in a temporary database, which is deleted at the end. Nothing executes the "
    "runs, so they stay queued. In another terminal, try: dagrun-api dags"
)


def command(
    name: str,
    help: str,  # noqa: A002
    run: Callable[[Arguments, Environ], int],
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None,
    find_mistake: Callable[[Arguments], str | None] = lambda _: None,
) -> Command:
    """Return a command that takes the options of the settings."""

    def add_all_arguments(parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)
        _add_options(parser)

    return Command(name, help, _EPILOG, add_all_arguments, run, find_mistake)


def add_demo(parser: argparse.ArgumentParser) -> None:
    """Add `--demo`."""
    parser.add_argument(
        "--demo",
        action="store_true",
        help="serve example DAGs from a temporary database, which is deleted at the end; no other option is needed",
    )


def serve(arguments: Arguments, environ: Environ) -> int:
    """Serve the API until a signal ends the process."""
    from dagrun_api.serving.server import run

    options = {name: value for name, value in arguments.items() if name != "demo"}
    settings = Settings.load(options, environ)
    if not arguments["demo"]:
        return run(settings)
    with demo_settings(settings) as demo:
        note(_DEMO)
        return run(demo)


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
