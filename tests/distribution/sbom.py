"""The software bill of materials (SBOM): the packages that run, in the versions that are installed by hash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.distribution.constraints import pins
from tests.distribution.contents import metadata_of
from tests.service.process import clean_environment

__all__ = ["check_sbom", "write_sbom"]

_EXTRAS = ("", "progress", "uvloop")
"""The extras whose packages run in service; an empty name means none."""


def write_sbom(file: Path, wheel: Path, python: Path, folder: Path) -> None:
    """Write what is installed beside this Python in the format CycloneDX. `folder`: for a temporary file."""
    metadata = metadata_of(wheel)
    # The tool knows the main component only from such a file, not from setup.cfg or the installation.
    project = folder / "pyproject.toml"
    project.write_text(
        "[project]\n"
        f'name = "{metadata.name}"\n'
        f'version = "{metadata.version}"\n'
        f'license = "{metadata.license_expression}"\n'
        f"dependencies = {json.dumps(sorted(_direct(wheel)))}\n"
    )
    tool = (sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--pyproject", str(project))
    # In an empty folder, because it also lists what Python finds there.
    subprocess.run((*tool, "--output-file", str(file), str(python)), cwd=folder, env=clean_environment(), check=True)


def check_sbom(file: Path, wheel: Path, constraints: Path) -> str:
    """Raise AssertionError unless it names what runs, with versions, and no local file; what it is, in a line."""
    text = file.read_text("utf-8")
    assert "file:" not in text
    document = json.loads(text)
    found = {canonicalize_name(each["name"]): each["version"] for each in document["components"]}
    expected = {
        name: str(pin.specifier).removeprefix("==")
        for name, pin in pins(constraints).items()
        if pin.marker is None or pin.marker.evaluate()
    }
    assert found == expected, f"found {found}, expected {expected}"
    main = document["metadata"]["component"]
    assert main["name"] == metadata_of(wheel).name
    (needed,) = (each["dependsOn"] for each in document["dependencies"] if each["ref"] == main["bom-ref"])
    assert {canonicalize_name(each.partition("==")[0]) for each in needed} == _direct(wheel)
    return f"{file.name}: {len(found)} packages, CycloneDX {document['specVersion']}"


def _direct(wheel: Path) -> set[str]:
    """Return the names of what the package itself needs."""
    needed: list[Requirement] = metadata_of(wheel).requires_dist or []
    return {
        canonicalize_name(each.name)
        for each in needed
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in _EXTRAS)
    }
