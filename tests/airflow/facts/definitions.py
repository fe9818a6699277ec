"""Table definitions as tests/schemas holds them: the tables that are read, written or refused, and no others."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.databases.schemas import READ, REFUSED

__all__ = ["from_dump", "from_sqlite", "keys_left_out", "tables_left_out"]

_NAME = re.compile(r'\bpublic\.("?)(\w+)\1')
_OWNED = re.compile(r"ALTER SEQUENCE public\.(\w+)\s+OWNED BY public\.(\w+)")
# PostgreSQL 18 remembers the name that a column had when it became NOT NULL.
_NAMED_NOT_NULL = re.compile(r" CONSTRAINT \w+ NOT NULL")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def from_dump(dump: str) -> str:
    """Return the definitions in the output of `pg_dump --schema-only`, one line for all but a table."""
    kept = {*READ, *REFUSED}
    statements = list(_statements(dump))
    kept |= {sequence for each in statements for sequence, table in _OWNED.findall(each) if table in kept}
    lines: list[str] = []
    for statement in statements:
        if kept.issuperset(_names(statement)):
            is_table = statement.startswith("CREATE TABLE")
            lines.append(_NAMED_NOT_NULL.sub(" NOT NULL", statement) if is_table else " ".join(statement.split()))
    return "\n".join([*lines, ""])


def from_sqlite(path: Path) -> str:
    """Return the definitions in an SQLite file, the indexes in the order of their names.

    Airflow makes them in no certain order, and they are to stay as they are when they are made again.
    """
    find = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'index', name"
    with closing(sqlite3.connect(path)) as connection:
        found = [sql for table in READ for (sql,) in connection.execute(find, [table])]
    return "".join(f"{_TRAILING.sub('', sql)};\n" for sql in found)


def tables_left_out(dump: str) -> list[str]:
    """Return the names of the tables in a dump that the definitions leave out."""
    created = [_names(each)[0] for each in _statements(dump) if each.startswith("CREATE TABLE")]
    return sorted({*created} - {*READ, *REFUSED})


def keys_left_out(dump: str) -> dict[str, str]:
    """Return what refers from a table that is read to one that the definitions leave out: constraint -> statement."""
    kept = {*READ, *REFUSED}
    found: dict[str, str] = {}
    for statement in _statements(dump):
        names = _names(statement)
        if " FOREIGN KEY " in statement and names[0] in READ and not kept.issuperset(names):
            name, _, rest = " ".join(statement.split()).partition(" ADD CONSTRAINT ")[2].partition(" ")
            found[f"{names[0]}.{name}"] = rest.removesuffix(";")
    return found


def _names(statement: str) -> list[str]:
    return [name for _, name in _NAME.findall(statement)]


def _statements(dump: str) -> Iterator[str]:
    """Yield the statements that define something in the schema of the tables."""
    lines = (line for line in dump.splitlines() if line and not line.startswith(("--", "\\")))
    for statement in re.split(r"(?<=;)\n", "\n".join(lines)):
        if statement.startswith(("CREATE ", "ALTER ")) and _names(statement):
            yield statement
