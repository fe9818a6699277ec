"""What two releases define differently, read from the PostgreSQL definitions in tests/schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Difference", "Kind", "Table", "differences", "read_tables"]


class Kind(Enum):
    """A kind of difference; its value says what to do about it."""

    NEW_TABLE = "A new table: read it only if it decides which runs may be created; then add it to airflow/layout.py."
    LOST_TABLE = "A lost table: statements that name it must leave it out; try layout.has in airflow/statements.py."
    REQUIRED = (
        "A new NOT NULL column without a default: of dag_run, add it to airflow/layout.py and, with a value, to "
        "airflow/rows.py; of log, to AUDIT_COLUMNS; of others, to tests/databases/worlds.py, since Airflow fills it."
    )
    NEW_COLUMN = (
        "A new column: of dag_run, add it to the known columns in airflow/layout.py; of dag, ask whether it decides "
        "which runs Airflow creates (airflow/rules.py); of task_instance, whether all its rows still count as started."
    )
    LOST_COLUMN = "A lost column: look for its name in src/ and in both queries.sql."
    CHANGED_COLUMN = "A changed column: if rows.py writes it, the value must fit the new type in both dialects."
    UNIQUE = "A changed key: compare it with the ON CONFLICT and the joins in both queries.sql."
    FOREIGN_KEY = "A changed foreign key: rows that are written must refer to what exists (or to NULL)."
    CHECK = "A changed CHECK: rows that are written or updated (runs, is_paused) must satisfy it."
    INDEX = "A changed index: tests/contract/test_plans.py says whether the statements still find one."
    TIMETABLE = "A new timetable: add it to READERS in timetables/decode.py and to the table in test_own_timetables.py."


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, as `table.column` or a definition."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what follows the name of each column, and all constraints and indexes without their names."""

    columns: dict[str, str] = field(default_factory=dict[str, str])
    constraints: set[str] = field(default_factory=set[str])
    indexes: set[str] = field(default_factory=set[str])


_TABLE = re.compile(r"CREATE TABLE public\.(\w+) \(\n(.*?)\n\);", re.DOTALL)
_CHECK = re.compile(r"    CONSTRAINT \w+ (CHECK .*?),?$", re.MULTILINE)
_COLUMN = re.compile(r'    "?(\w+)"? (?!\w+ CHECK)(.*?),?$')
_DEFAULT = re.compile(r"ALTER TABLE ONLY public\.(\w+) ALTER COLUMN (\w+) SET (DEFAULT .*);")
_CONSTRAINT = re.compile(r"ALTER TABLE (?:ONLY )?public\.(\w+) ADD CONSTRAINT \w+ (.*);")
_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX \w+ ON public\.(\w+) USING (.*);")


def read_tables(definitions: str) -> dict[str, Table]:
    """Return the tables in PostgreSQL definitions as `from_dump` writes them."""
    tables: dict[str, Table] = {}
    for name, body in _TABLE.findall(definitions):
        table = tables[name] = Table()
        table.constraints.update(_CHECK.findall(body))
        for line in body.splitlines():
            if not _CHECK.match(line) and (column := _COLUMN.match(line)):
                table.columns[column[1]] = column[2]
    for name, column, default in _DEFAULT.findall(definitions):
        tables[name].columns[column] += f" {default}"
    for name, text in _CONSTRAINT.findall(definitions):
        tables[name].constraints.add(text)
    for unique, name, text in _INDEX.findall(definitions):
        # A unique index is a key like any other.
        (tables[name].constraints if unique else tables[name].indexes).add(f"{unique}{text}")
    return tables


def differences(known: Mapping[str, Table], new: Mapping[str, Table]) -> list[Difference]:
    """Return what differs, ordered by kind and then by table."""
    found = [Difference(Kind.NEW_TABLE, name) for name in new.keys() - known.keys()]
    found += [Difference(Kind.LOST_TABLE, name) for name in known.keys() - new.keys()]
    for name in known.keys() & new.keys():
        found += _columns(name, known[name].columns, new[name].columns)
        found += _sets(name, known[name].constraints, new[name].constraints)
        found += _sets(name, known[name].indexes, new[name].indexes)
    order = list(Kind)
    return sorted(found, key=lambda each: (order.index(each.kind), each.text))


def _columns(table: str, known: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for name in known.keys() - new.keys():
        yield Difference(Kind.LOST_COLUMN, f"{table}.{name}")
    for name, text in new.items():
        if name not in known:
            required = text.endswith("NOT NULL") and "DEFAULT" not in text
            yield Difference(Kind.REQUIRED if required else Kind.NEW_COLUMN, f"{table}.{name} {text}")
        elif known[name] != text:
            yield Difference(Kind.CHANGED_COLUMN, f"{table}.{name} {known[name]} -> {text}")


def _sets(table: str, known: set[str], new: set[str]) -> Iterator[Difference]:
    for sign, texts in (("-", known - new), ("+", new - known)):
        for text in texts:
            yield Difference(_kind(text), f"{table} {sign} {text}")


def _kind(text: str) -> Kind:
    for start, kind in (("CHECK", Kind.CHECK), ("FOREIGN KEY", Kind.FOREIGN_KEY)):
        if text.startswith(start):
            return kind
    return Kind.UNIQUE if text.startswith(("UNIQUE", "PRIMARY KEY")) else Kind.INDEX
