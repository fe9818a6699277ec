"""What a wheel and an sdist hold, and what they should."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from packaging.metadata import Metadata

__all__ = ["check_sdist", "check_wheel", "installed_files", "metadata_of"]

_DOCUMENTS = {"LICENSE", "README.md", "pyproject.toml", "setup.cfg"}


def check_wheel(wheel: Path, root: Path) -> str:
    """Raise AssertionError unless it holds every file of the packages and nothing else; what it is, in a line."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    metadata = metadata_of(wheel)
    found = {name for name in names if ".dist-info/" not in name}
    expected = {str(path.relative_to(top)) for top in _tops(root) for path in _sources(top)}
    assert found == expected, _difference(found, expected)
    packages = {name.partition("/")[0] for name in expected}
    assert {f"{name}/py.typed" for name in packages} <= found
    assert any(name.endswith(".sql") for name in found)
    assert "dagrun_api/dags.toml" in found
    assert any("/static/" in name for name in found)
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.description == (root / "README.md").read_text("utf-8")
    return f"{wheel.name}: {len(found)} files, {wheel.stat().st_size // 1024} KiB, metadata {metadata.metadata_version}"


def check_sdist(sdist: Path, root: Path) -> str:
    """Raise AssertionError unless it holds what the wheel is built from, and nothing else; what it is, in a line."""
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    assert all(each.isfile() or each.isdir() for each in members)
    found = {each.name.partition("/")[2] for each in members if each.isfile()}
    found = {name for name in found if ".egg-info/" not in name}
    expected = {str(path.relative_to(root)) for top in _tops(root) for path in _sources(top)}
    expected |= _DOCUMENTS | {"PKG-INFO"}
    assert found == expected, _difference(found, expected)
    return f"{sdist.name}: {len(found)} files, {sdist.stat().st_size // 1024} KiB"


def installed_files(wheel: Path) -> set[str]:
    """Return the names of the files that it installs beside its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def metadata_of(wheel: Path) -> Metadata:
    """Return what the index and pip read; raises an ExceptionGroup naming each field that is not as it should be."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return Metadata.from_email(archive.read(name), validate=True)


def _tops(root: Path) -> tuple[Path, Path]:
    return root / "src", root / "backends"


def _sources(top: Path) -> list[Path]:
    files = (path for path in top.rglob("*") if path.is_file())
    return [
        path
        for path in files
        if "__pycache__" not in path.parts and ".egg-info" not in str(path) and path != top / "README.md"
    ]


def _difference(found: set[str], expected: set[str]) -> str:
    return f"missing: {sorted(expected - found)}; not expected: {sorted(found - expected)}"
