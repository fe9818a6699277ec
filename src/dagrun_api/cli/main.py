"""The command `dagrun-api`: its table of commands, and how one of them is run.

The modules of the commands import heavy libraries only when a command needs them, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from dagrun_api.cli import batches, create, dags, remote, runs, service, ticks
from dagrun_api.cli.command import Command
from dagrun_api.errors import DagrunApiError, explained

__all__ = ["COMMANDS", "main"]

COMMANDS = (
    service.command("serve", "Serve the API until SIGTERM or Ctrl-C", service.serve),
    service.command("check", "Report what the service can do with the database", service.check),
    service.command("openapi", "Print the OpenAPI document of the API", service.openapi),
    remote.command("dags", "List the DAGs", dags.list_dags),
    remote.command("dag", "Show a DAG and its schedule", dags.show_dag, dags.add_arguments),
    remote.command(
        "ticks", "List the dates of a schedule, with the run on each", ticks.list_ticks, ticks.add_arguments
    ),
    remote.command("runs", "List DAG runs", runs.list_runs, runs.add_arguments),
    remote.command("create", "Create a batch of runs", create.create_runs, create.add_arguments, create.find_mistake),
    remote.command(
        "batch",
        "Show the progress of a batch, and pause or unpause it",
        batches.show_batch,
        batches.add_batch_arguments,
        batches.find_mistake,
    ),
    remote.command(
        "cancel",
        "Cancel the runs of a batch that have not started",
        batches.cancel_batch,
        batches.add_cancel_arguments,
        batches.find_cancel_mistake,
    ),
    remote.command("pause", "Pause a DAG: its runs stay queued", dags.pause, dags.add_arguments),
    remote.command("unpause", "Unpause a DAG", dags.unpause, dags.add_arguments),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit status."""
    given = vars(_parser().parse_args(arguments))
    command: Command = given.pop("command")
    parser: argparse.ArgumentParser = given.pop("parser")
    if mistake := command.find_mistake(given):
        parser.error(mistake)
    try:
        status = command.run(given, os.environ)
        # A closed pipe must show here, not when the interpreter exits.
        sys.stdout.flush()
    except DagrunApiError as error:
        print(f"dagrun-api: {explained(error)}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The interpreter flushes stdout again when it exits: let it write to /dev/null.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


class _Version(argparse.Action):
    """Print the version; it is looked up only on request, since that takes time."""

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
    parser.add_argument("--version", nargs=0, action=_Version, help="show the version and exit")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
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
