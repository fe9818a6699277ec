"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from dagrun_api import Settings
from tests.airflow.ports import free_port
from tests.readme.page import README, ROOT, block, blocks
from tests.readme.test_shell import running, shell


def test_the_embedding_example_serves(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "example.py").write_text(block("python", "run_app").replace("8080", str(port)))
    url = f"http://127.0.0.1:{port}/airflow/api/v1/dags"
    with running(f"exec {sys.executable} example.py", tmp_path, url):
        assert shell(f"curl -s {url}", tmp_path) == '{"response":{"dags":[]}}'


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README))))
def test_every_make_target_that_it_names_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "config/README.md", "config/CHANGELOG.md"])
def test_every_file_that_a_page_links_to_is_there(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
    assert links or page == "config/CHANGELOG.md"


PROMISES = re.findall(r"\[`(test_\w+)`\]\((tests/[\w/]+\.py)\)", README)


def test_each_promise_has_its_test() -> None:
    assert len(PROMISES) > 20
    for name, path in PROMISES:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), name


def test_its_tokens_are_sound(tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text("\n".join(blocks("ini")))
    tokens = Settings.load({"config": tmp_path / "a.ini"}, {}).tokens
    assert [(each.name, each.access, each.dags) for each in tokens] == [
        ("etl-nightly", "write", ("etl_*", "other_dag")),
        ("dashboard", "read", ("*",)),
    ]


def test_its_examples_are_json() -> None:
    for each in blocks("json"):
        assert "response" in json.loads(each)
