"""The files that say which versions are installed by hash cover every dependency, within its bounds."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.distribution.constraints import pins

ROOT = Path(__file__).parent.parent.parent
FILES = ("constraints.txt", "constraints-build.txt", "constraints-dev.txt")

PACKAGE = ConfigParser()
PACKAGE.read(ROOT / "setup.cfg")
EXTRAS = PACKAGE["options.extras_require"]


def requirements(*texts: str) -> list[Requirement]:
    """Return the requirements in lists of setup.cfg, without the package's own extras."""
    lines = [line for text in texts for line in text.splitlines() if line]
    return [each for each in map(Requirement, lines) if each.name != PACKAGE["metadata"]["name"]]


RUNNING = requirements(PACKAGE["options"]["install_requires"], EXTRAS["uvloop"], EXTRAS["progress"])
DEVELOPING = requirements(PACKAGE["options"]["install_requires"], EXTRAS["progress"], EXTRAS["test"], EXTRAS["dev"])
BUILDING = requirements(*tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"])

CASES = [
    *(("constraints.txt", each) for each in RUNNING),
    *(("constraints-dev.txt", each) for each in DEVELOPING),
    *(("constraints-build.txt", each) for each in BUILDING),
]


@pytest.mark.parametrize(("file", "wanted"), CASES, ids=[f"{file}-{wanted.name}" for file, wanted in CASES])
def test_each_dependency_is_pinned_within_its_bounds(file: str, wanted: Requirement) -> None:
    pinned = pins(ROOT / "config" / file).get(canonicalize_name(wanted.name))
    assert pinned is not None, f"make constraints writes {wanted.name} into {file}"
    (version,) = (each.version for each in pinned.specifier if each.operator == "==")
    assert wanted.specifier.contains(version), f"{pinned} is not {wanted}: run make constraints"


@pytest.mark.parametrize("wanted", RUNNING, ids=[each.name for each in RUNNING])
def test_each_dependency_has_an_oldest_version(wanted: Requirement) -> None:
    assert [each for each in wanted.specifier if each.operator == ">="]


def test_the_tests_run_with_the_versions_that_run_in_service() -> None:
    running, developing = (pins(ROOT / "config" / file) for file in ("constraints.txt", "constraints-dev.txt"))
    both = set(running) & set(developing)
    assert set(running) - both == {"uvloop"}
    assert all(running[name].specifier == developing[name].specifier for name in both)


@pytest.mark.parametrize("file", FILES)
def test_each_pin_has_hashes(file: str) -> None:
    blocks = re.findall(r"^\w.*(?:\\\n.*)+", (ROOT / "config" / file).read_text(), re.MULTILINE)
    assert len(blocks) == len(pins(ROOT / "config" / file))
    assert all("--hash=sha256:" in each for each in blocks)


@pytest.mark.parametrize("file", FILES)
def test_no_pin_says_where_to_download_it(file: str) -> None:
    assert not re.findall(r"^-.*|.*://.*|.* @ .*", (ROOT / "config" / file).read_text(), re.MULTILINE)
