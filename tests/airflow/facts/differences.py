"""What two releases define differently, read from the PostgreSQL definitions in tests/schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Difference", "Kind", "Table", "differences", "read_tables"]


class Kind(Enum):
    """A kind of difference; its value says what to do about it."""

    NEW_TABLE = "A new table: if statements need it, say in airflow/statements.py which layouts have it."
    LOST_TABLE = (
        "A lost table: statements must not name it. If another took its place, add that one to READ or REFUSED in"
        " tests/databases/schemas.py, and to config/privileges.sql if it is read."
    )
    REQUIRED = (
        "A new NOT NULL column without a default: of dag_run, add it to the known columns in airflow/layout.py and,"
        " with its value, to airflow/rows.py; of log, to AUDIT_COLUMNS; of another table, which Airflow fills, to"
        " tests/databases/worlds.py."
    )
    NEW_COLUMN = (
        "A new column: of dag_run, add it to the known columns in airflow/layout.py; of dag, find out whether it"
        " decides which runs Airflow creates (airflow/rules.py); of task_instance, whether each row still means that"
        " the run has started."
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
    """One difference of a table."""

    kind: Kind
    table: str
    text: str
    """A column with what is said of it, or a definition after + (new) or - (lost)."""


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
    found = [Difference(Kind.NEW_TABLE, name, "") for name in new.keys() - known.keys()]
    found += [Difference(Kind.LOST_TABLE, name, "") for name in known.keys() - new.keys()]
    for name in known.keys() & new.keys():
        found += _columns(name, known[name].columns, new[name].columns)
        found += _sets(name, known[name].constraints, new[name].constraints)
        found += _sets(name, known[name].indexes, new[name].indexes)
    order = list(Kind)
    return sorted(found, key=lambda each: (order.index(each.kind), each.table, each.text))


def _columns(table: str, known: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for name in known.keys() - new.keys():
        yield Difference(Kind.LOST_COLUMN, table, name)
    for name, text in new.items():
        if name not in known:
            required = text.endswith("NOT NULL") and "DEFAULT" not in text
            yield Difference(Kind.REQUIRED if required else Kind.NEW_COLUMN, table, f"{name} {text}")
        elif known[name] != text:
            yield Difference(Kind.CHANGED_COLUMN, table, f"{name} {known[name]} -> {text}")


def _sets(table: str, known: set[str], new: set[str]) -> Iterator[Difference]:
    for sign, texts in (("-", known - new), ("+", new - known)):
        for text in texts:
            yield Difference(_kind(text), table, f"{sign} {text}")


def _kind(text: str) -> Kind:
    for start, kind in (("CHECK", Kind.CHECK), ("FOREIGN KEY", Kind.FOREIGN_KEY)):
        if text.startswith(start):
            return kind
    return Kind.UNIQUE if text.startswith(("UNIQUE", "PRIMARY KEY")) else Kind.INDEX
