"""The SQL that is really sent: every statement for every layout, in a file that a reviewer can read.

`rendered/postgres.sql` and `rendered/sqlite.sql` hold each text once, under the name of the statement and the layouts
that share it. After a change of the SQL, write them again and review the difference:

    DAGRUN_API_WRITE_RENDERED=1 python -m pytest tests/contract/test_rendered.py
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from dagrun_api.airflow.layout import Generation, Layout
from dagrun_api.model import RunFilter
from dagrun_api.sqlstore.dialect import Dialect
from dagrun_api_postgres.dialect import DIALECT as POSTGRES
from dagrun_api_sqlite.dialect import DIALECT as SQLITE
from tests.conftest import LAYOUTS, open_world
from tests.databases.worlds import SQLWorld

FOLDER = Path(__file__).parent / "rendered"
WRITE = "DAGRUN_API_WRITE_RENDERED"

PAGES = {
    "runs": RunFilter(),
    "runs with every filter": RunFilter("a", "success", True, "etl_"),
}

PARTS_OF_PAGES = {
    "runs",
    "order",
    "order_in_dag",
    "filter_dag_id",
    "filter_state",
    "filter_external_trigger",
    "filter_prefix",
}

CATALOGUE = {"retire_dags", "update_dag", "add_dag", "forget_serialized_dag", "add_serialized_dag"}
"""The statements that only the built-in database is sent."""


def texts(dialect: Dialect, layout: Layout) -> dict[str, str]:
    """Return every statement that is sent to a database of this layout, by name."""
    statements = dialect.statements(layout)
    is_built_in = layout.generation is Generation.STANDALONE
    others = PARTS_OF_PAGES | ({"audit"} if is_built_in else CATALOGUE)
    pages = {name: statements.page(wanted, after=0, limit=101).text for name, wanted in PAGES.items()}
    return pages | {name: text for name, text in statements.texts.items() if name not in others}


def rendered(dialect: Dialect, layouts: Sequence[tuple[str, Layout]]) -> str:
    """Return the contents of a file."""
    groups: dict[str, dict[str, list[str]]] = {}
    for release, layout in layouts:
        for name, text in texts(dialect, layout).items():
            groups.setdefault(name, {}).setdefault(text, []).append(release)
    blocks = [f"-- Written by {Path(__file__).name}.\n"]
    for name, by_text in groups.items():
        for text, releases in by_text.items():
            shared_by = "every layout" if len(releases) == len(layouts) else ", ".join(releases)
            lines = "\n".join(line.rstrip() for line in text.splitlines())
            blocks.append(f"-- {name}  [{shared_by}]\n{lines};\n")
    return "\n".join(blocks)


async def compare(dialect: Dialect, backend: str, folder: Path, urls: dict[str, str] | None) -> None:
    """Compare what a dialect makes of every layout with its file, or write the file."""
    layouts: list[tuple[str, Layout]] = []
    for release in LAYOUTS:
        async with AsyncExitStack() as stack:
            url = urls[release] if urls is not None else None
            world = await open_world(stack, f"{backend}-{release}", folder, url, audit_log=release != "standalone")
            assert isinstance(world, SQLWorld)
            layouts.append((release, world.layout))
    path = FOLDER / f"{backend}.sql"
    found = rendered(dialect, layouts)
    if WRITE in os.environ:
        path.write_text(found)
    assert found == path.read_text(), f"the SQL has changed; {WRITE}=1 writes {path.name} again"


@pytest.fixture
def urls(postgres_layouts: dict[str, str]) -> dict[str, str]:
    # Not in the test, which is asynchronous: the first use of each creates the database.
    return {release: postgres_layouts[release] for release in LAYOUTS}


async def test_what_is_sent_to_postgres_is_what_a_reviewer_has_read(urls: dict[str, str], tmp_path: Path) -> None:
    await compare(POSTGRES, "postgres", tmp_path, urls)


async def test_what_is_sent_to_sqlite_is_what_a_reviewer_has_read(tmp_path: Path) -> None:
    await compare(SQLITE, "sqlite", tmp_path, None)
