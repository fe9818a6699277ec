"""Writes what the tests need to know of an Airflow release, and reports what is new in it.

    python -m tests.airflow.facts 3.5.0 [--newest 2027-03-01] [--python 3.8]

The release is installed inside the clone, makes its tables on SQLite and PostgreSQL, and serializes its timetables. The
files are in tests/schemas; src/README.md ("A new Airflow release") says what to do with them.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from types import FrameType

from tests.airflow.installation import CACHE, InstallationError
from tests.airflow.processes import INTERRUPTIONS
from tests.databases.postgres import NoServerError
from tests.databases.schemas import FOLDER

from .asking import Facts, ask
from .choice import ChoiceError, choose
from .definitions import from_dump, from_sqlite
from .report import report


def main() -> int:
    """Write the files, print the report, and return the exit status."""
    for number in INTERRUPTIONS:
        signal.signal(number, _interrupt)
    options = _options()
    begin = time.monotonic()
    try:
        facts = ask(choose(options.release, options.newest, options.python), say)
    except (ChoiceError, InstallationError, NoServerError, OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: everything that was started is stopped again.", file=sys.stderr)
        return 130
    # Before the files are written, of which one may be what the release is compared with.
    lines = list(report(options.release, facts))
    _write(options.release, facts)
    say(f"done in {time.monotonic() - begin:.0f} s", "", *lines)
    return 0


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make airflow-facts", description="Write down what an Airflow release is.")
    parser.add_argument("release", help="as on PyPI")
    parser.add_argument("--newest", default="", help="the day after which no package counts; today by default")
    parser.add_argument("--python", default="", help="the Python to install it on, such as 3.8")
    return parser.parse_args()


def _write(release: str, facts: Facts) -> None:
    for path, text in (
        (FOLDER / f"{release}-postgres.sql", from_dump(facts.dump)),
        (FOLDER / f"{release}-sqlite.sql", from_sqlite(facts.sqlite)),
        (FOLDER / "serialized" / f"{release}.jsonl", "".join(f"{json.dumps(each)}\n" for each in facts.schedules)),
    ):
        before = path.read_text() if path.exists() else None
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        change = "new" if before is None else "as before" if before == text else "changed"
        say(f"{path.relative_to(CACHE.parent)}: {change}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
