"""What the pages point to exists: files, sections, make targets and the tests that hold the promises."""

from __future__ import annotations

import re

import pytest

from tests.readme.page import PAGES, ROOT, text

LINK = re.compile(r"\]\(([^)\s]+)\)")
PROMISE = re.compile(r"\[`(test_\w+)`\]\(([\w/]+\.py)\)")


def outside_of_code(page: str) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", text(page), flags=re.DOTALL | re.MULTILINE)


def anchors(page: str) -> set[str]:
    """Return the names by which a link reaches the sections of a page."""
    headings = re.findall(r"^#+ (.+)$", outside_of_code(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, "config/CHANGELOG.md"])
def test_each_link_leads_to_a_file_and_a_section(page: str) -> None:
    broken: list[str] = []
    for link in LINK.findall(outside_of_code(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent.joinpath(path) if path else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(str(target.resolve().relative_to(ROOT)))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES[1:])
def test_the_readme_leads_to_each_chapter(page: str) -> None:
    assert f"]({page})" in text("README.md")


def test_the_readme_stays_short() -> None:
    assert len(text("README.md").splitlines()) <= 220


def test_each_make_target_exists() -> None:
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)", text(page))}
    makefile = (ROOT / "Makefile").read_text()
    assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
    assert {"run", "test", "check"} < named


def test_each_promise_has_its_test() -> None:
    promises = PROMISE.findall(text("tests/README.md"))
    assert len(promises) > 20
    for name, path in promises:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE), name


@pytest.mark.parametrize("page", ["src/README.md", "backends/README.md"])
def test_each_module_that_a_chapter_names_exists(page: str) -> None:
    files = [str(path) for top in ("src", "backends", "tests", "config") for path in (ROOT / top).rglob("*.*")]
    named = set(re.findall(r"`([\w/]+\.(?:py|sql|toml))`", outside_of_code(page)))
    assert len(named) > 5
    assert {name for name in named if not any(file.endswith(f"/{name}") for file in files)} == set()
