"""The command `dagrun-api`: its table of commands, and how one of them is run.

The modules of the commands import heavy libraries only when a command needs them, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dagrun_api.cli import batches, cancel, completion, create, dags, demo, remote, retry, runs, service, ticks
from dagrun_api.cli.parser import parse
from dagrun_api.errors import DagrunApiError, explained

__all__ = ["COMMANDS", "GROUPS", "main"]

GROUPS = {
    "the service": (
        service.command(
            "serve",
            "Serve the API until SIGTERM or Ctrl-C",
            service.serve,
            service.add_demo,
            demo.find_mistake,
        ),
        service.command("check", "Report what the service can do with the database", service.check),
        service.command("openapi", "Print the OpenAPI document of the API", service.openapi),
    ),
    "DAGs": (
        remote.command("dags", "List the DAGs", dags.list_dags),
        remote.command("dag", "Show a DAG and its schedule", dags.show_dag, dags.add_arguments),
        remote.command(
            "ticks", "List the dates of a schedule, with the run on each", ticks.list_ticks, ticks.add_arguments
        ),
        remote.command("pause", "Pause a DAG: its runs stay queued", dags.pause, dags.add_arguments),
        remote.command("unpause", "Unpause a DAG", dags.unpause, dags.add_arguments),
    ),
    "runs": (
        remote.command("runs", "List DAG runs", runs.list_runs, runs.add_arguments),
        remote.command("run", "Show a DAG run", runs.show_run, runs.add_run_arguments),
        remote.command("latest", "List the latest run of each DAG", runs.list_latest),
    ),
    "batches": (
        remote.command(
            "create", "Create a batch of runs", create.create_runs, create.add_arguments, create.find_mistake
        ),
        remote.command(
            "batches", "List the batches, that with the newest run first", batches.list_batches, batches.add_arguments
        ),
        remote.command("batch", "Show the progress of a batch", batches.show_batch, batches.add_batch_arguments),
        remote.command(
            "pause-batch",
            "Pause a batch that has max_active_runs",
            batches.pause_batch,
            batches.add_pause_arguments,
        ),
        remote.command(
            "unpause-batch",
            "Continue a batch that is paused",
            batches.unpause_batch,
            batches.add_pause_arguments,
        ),
        remote.command(
            "cancel", "Cancel the runs of a batch that have not started", cancel.cancel_batch, cancel.add_arguments
        ),
        remote.command(
            "retry", "Run the failed runs of a batch again", retry.retry_batch, retry.add_arguments, retry.find_mistake
        ),
    ),
    "your shell": (completion.command("completion", "Print the script that completes commands and options"),),
}
"""What the commands are about, and the commands."""

COMMANDS = tuple(each for group in GROUPS.values() for each in group)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit status."""
    # A file or terminal has it, but not every stream that stands in for one.
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        # As on stderr: a character that the encoding lacks must not end a list in the middle.
        reconfigure(errors="backslashreplace")
    command, given = parse(GROUPS, arguments)
    try:
        status = command.run(given, os.environ)
        # A closed pipe must show here, not when the interpreter exits.
        sys.stdout.flush()
    except DagrunApiError as error:
        print(f"dagrun-api: {command.explain(explained(error))}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The interpreter flushes stdout again when it exits: let it write to /dev/null.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status
