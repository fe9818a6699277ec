"""What the commands that call a running service have in common: address, token, `--output` and exit status."""

from __future__ import annotations

import argparse
import os
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, nullcontext, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING

from dagrun_api.cli.command import Arguments, Command, Environ
from dagrun_api.cli.words import in_shell_words
from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from dagrun_api.settings.options import PREFIX, Option

if TYPE_CHECKING:
    from dagrun_api.client import Client

__all__ = ["DECLINED", "DONE", "RUNS_FAILED", "TERMINATED", "Action", "command"]

DONE, DECLINED, RUNS_FAILED, TERMINATED = 0, 1, 3, 143

Action = Callable[["Client", Arguments], Awaitable[int]]
"""What a command does with the client; it returns the exit status."""

_DEFAULT_URL = "http://127.0.0.1:8080"
_API_PREFIX = Option("api_prefix", "/api/v1", PREFIX, "start of the API's paths")

_TRIES, _TRIES_OF_LONG_COMMANDS = 3, 10
"""Attempts for each request; a command that takes long anyway also outlasts a restart of the service."""

_EPILOG = (
    "The token comes from the environment variable DAGRUN_API_TOKEN, or from "
    "AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH. "
    "Exit status: 0 success, 1 error, 2 wrong arguments, 3 runs of the batch failed, or stay failed, 130 interrupted "
    "by Ctrl-C (which cancels no runs), 143 ended by SIGTERM."
)


def command(
    name: str,
    help: str,  # noqa: A002
    action: Action,
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None,
    find_mistake: Callable[[Arguments], str | None] = lambda _: None,
) -> Command:
    """Return a command that calls a running service."""

    def add_all_arguments(parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)
        _add_common_arguments(parser)

    def run(arguments: Arguments, environ: Environ) -> int:
        import asyncio

        with _quiet() if arguments.get("quiet") else nullcontext():
            return asyncio.run(_run(action, arguments, environ))

    return Command(name, help, _EPILOG, add_all_arguments, run, find_mistake, in_shell_words)


def _add_common_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        choices=("table", "json", "csv"),
        default="table",
        help="table: for people (the default); json, csv: for programs, with the names and values of the API, times in "
        "ISO 8601",
    )
    # The name that 1.0.0 had for it.
    parser.add_argument(
        "--json",
        dest="output",
        action="store_const",
        const="json",
        default=argparse.SUPPRESS,
        help="the same as --output json",
    )
    parser.add_argument(
        "--url", help=f"address of the service, with or without /api/v1; also DAGRUN_API_URL (default: {_DEFAULT_URL})"
    )
    parser.add_argument(
        _API_PREFIX.flag,
        metavar=PREFIX.metavar,
        help=f"{_API_PREFIX.help}; also DAGRUN_API_PREFIX (default: {_API_PREFIX.default})",
    )


async def _run(action: Action, arguments: Arguments, environ: Environ) -> int:
    async with _client(arguments, environ) as client:
        return await action(client, arguments)


@contextmanager
def _quiet() -> Generator[None]:
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        yield


def _client(arguments: Arguments, environ: Environ) -> Client:
    from dagrun_api.client import Client

    is_long = any(arguments.get(name) for name in ("wait", "all", "max_active_runs", "feed", "stop_after_failures"))
    # The service reads its token in the same way, and refuses the same mistakes.
    settings = Settings.load({}, {name: environ[name] for name in TOKEN_VARIABLES if name in environ})
    try:
        return Client(
            arguments["url"] or environ.get("DAGRUN_API_URL") or _DEFAULT_URL,
            token=settings.token,
            prefix=_prefix(arguments, environ),
            tries=_TRIES_OF_LONG_COMMANDS if is_long else _TRIES,
        )
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _prefix(arguments: Arguments, environ: Environ) -> str:
    prefix = _API_PREFIX.default
    for value, origin in (
        (environ.get("DAGRUN_API_PREFIX"), "DAGRUN_API_PREFIX"),
        (arguments["api_prefix"], _API_PREFIX.flag),
    ):
        prefix = prefix if value is None else _API_PREFIX.read(value, origin)
    return str(prefix)
