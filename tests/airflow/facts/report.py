"""What the report says: how a release differs from the newest known one, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, cast

from packaging.version import Version

from dagrun_api.airflow.releases import HEADS
from dagrun_api.errors import InvalidTimetable
from dagrun_api.timetables import decode
from tests.databases.schemas import READ, RELEASES, ddl, serialized

from .asking import Facts
from .definitions import from_dump, keys_left_out, tables_left_out
from .differences import Difference, Kind, differences, read_tables

__all__ = ["report", "types_in"]


def report(release: str, facts: Facts) -> Iterator[str]:
    """Yield the lines of the report."""
    known = _newest_before(release)
    if known is None:
        yield f"No older release than {release} is known."
    else:
        yield f"What differs from {known}:"
        yield from _described(_differences(known, facts))
    yield from _left_out(facts)
    yield from _timetables(release, facts)
    yield from _heads(release, facts)


def types_in(schedule: object) -> Iterator[str]:
    """Yield the paths of the timetables in a serialized schedule, at any depth."""
    if isinstance(schedule, Mapping):
        for name, value in cast("Mapping[str, object]", schedule).items():
            if name == "__type" and isinstance(value, str) and ".timetables." in value:
                yield value
            yield from types_in(value)


def _newest_before(release: str) -> str | None:
    older = [each for each in RELEASES if Version(each) < Version(release)]
    return max(older, key=Version, default=None)


def _differences(known: str, facts: Facts) -> list[Difference]:
    found = differences(read_tables(ddl(known, "postgres")), read_tables(from_dump(facts.dump)))
    tables = [each for each in found if each.table in READ or not each.text]
    seen = {kind for each in serialized(known) for kind in types_in(each)}
    new = sorted(set(facts.classes) - seen) if seen else []
    return [*tables, *(Difference(Kind.TIMETABLE, name, "") for name in new)]


def _described(found: Iterable[Difference]) -> Iterator[str]:
    for kind, group in groupby(found, key=lambda each: each.kind):
        yield ""
        yield kind.value
        yield from (f"    {each.table} {each.text}".rstrip() for each in group)


def _left_out(facts: Facts) -> Iterator[str]:
    yield ""
    yield "Tables that tests/schemas leaves out: does one hold what another held before, or secrets?"
    yield f"    {', '.join(tables_left_out(facts.dump))}"
    if found := keys_left_out(facts.dump):
        yield ""
        yield "Foreign keys to tables that tests/schemas leaves out: those of a table that is written matter."
        yield from (f"    {name} {text}" for name, text in found.items())


def _timetables(release: str, facts: Facts) -> Iterator[str]:
    seen = {kind for each in facts.schedules for kind in types_in(each)}
    unseen = sorted(set(facts.classes) - seen)
    unread = [f"{each['case']}: {reason}" for each in facts.schedules if (reason := _unread(each))]
    for title, lines in (
        (f"Timetables that Airflow {release} has and inside.py does not make: add them there.", unseen),
        ("Schedules that timetables/decode.py does not read: add them to READERS.", unread),
        (f"Schedules that Airflow {release} refuses.", [f"{case}: {text}" for case, text in facts.failed.items()]),
    ):
        if lines:
            yield ""
            yield title
            yield from (f"    {line}" for line in lines)


def _unread(schedule: Mapping[str, Any]) -> str | None:
    try:
        reason = decode(schedule).unlistable
    except InvalidTimetable as error:
        return f"{error} {json.dumps(schedule)}"
    return reason if reason and "custom timetable" in reason else None


def _heads(release: str, facts: Facts) -> Iterator[str]:
    wanted = {head: version for version, head in facts.heads.items()} | {facts.head: release}
    missing = {head: version for head, version in wanted.items() if head not in HEADS}
    yield ""
    if missing:
        yield "Lines to add to HEADS in src/dagrun_api/airflow/releases.py:"
        yield from (f'    "{head}": "{version}",' for head, version in missing.items())
    else:
        yield f"src/dagrun_api/airflow/releases.py knows the alembic head {facts.head} (since {HEADS[facts.head]})."
