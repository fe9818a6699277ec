"""One of several processes that write to a database at once: `python -m tests.adversity.writer URL`.

It opens the database and says so; then it makes a batch for each line that comes in, and answers with a line.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from dagrun_api.airflow.run_ids import canonical
from dagrun_api.backends import open_store
from dagrun_api.batches.service import Service
from dagrun_api.errors import DagrunApiError
from dagrun_api.model import BatchRequest, RunToCreate
from dagrun_api.settings import Settings

__all__ = ["Outcome", "Writers", "writing"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one batch of one process."""

    created: list[str]
    skipped: list[str]
    error: str | None
    seconds: float


class Writers:
    """Processes that have one database open."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    async def at_once(self, batches: Sequence[tuple[str, Sequence[datetime]]]) -> list[Outcome]:
        """Let each process make a batch, given as its prefix and its dates, all at the same time."""
        for process, (prefix, dates) in zip(self._processes, batches, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps([prefix, [date.isoformat() for date in dates]]).encode() + b"\n")
        return list(await asyncio.gather(*(self.answer(process) for process in self._processes)))

    async def answer(self, process: asyncio.subprocess.Process) -> Outcome:
        """Return the next outcome of one process."""
        assert process.stdout is not None
        return Outcome(*json.loads(await process.stdout.readline()))


@asynccontextmanager
async def writing(url: str, number: int) -> AsyncGenerator[Writers]:
    """Start so many processes; whatever happens, they are gone at the end."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.adversity.writer",
            url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**20,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(number)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"open\n"
        yield Writers(processes)
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
            assert await process.wait() == 0
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def main(url: str) -> None:
    """Make the batches that come in."""
    loop = asyncio.get_running_loop()
    async with open_store(Settings(database=url, lock_timeout=20, query_timeout=20)) as store:
        service = Service(store)
        print("open", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            prefix, dates = cast("tuple[str, list[str]]", json.loads(line))
            runs = tuple(RunToCreate(datetime.fromisoformat(date)) for date in dates)
            began = time.monotonic()
            created: list[str] = []
            skipped: list[str] = []
            error: str | None = None
            try:
                result = await service.create_batch(BatchRequest("a", canonical(prefix), runs=runs))
                created, skipped = result.run_ids, result.skipped_run_ids
            except DagrunApiError as failure:
                error = str(failure)
            print(json.dumps([created, skipped, error, time.monotonic() - began]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
