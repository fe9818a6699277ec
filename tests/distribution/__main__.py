"""`make dist`: build wheel, sdist and SBOM into dist/, and try the former two on every Python of this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from configparser import ConfigParser
from pathlib import Path

from tests.distribution.contents import check_sdist, check_wheel, installed_files
from tests.distribution.interpreters import interpreters
from tests.distribution.sbom import check_sbom, write_sbom
from tests.distribution.trial import Installation

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "dist"
CONSTRAINTS = ROOT / "config" / "constraints.txt"


def main() -> int:
    """Build, try, and say what was tried; 1 when no Python was found."""
    version = _version()
    wheel, sdist = _build(version)
    print(check_wheel(wheel, ROOT))
    print(check_sdist(sdist, ROOT))
    everywhere = interpreters()
    found = {name: python for name, python in everywhere.items() if python is not None}
    if not found:
        print("No Python that the wheel could be tried on was found.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="dagrun-api-") as folder:
        for name, python in found.items():
            began = time.monotonic()
            installation = Installation(python, wheel, Path(folder, name))
            installation.check(version)
            installation.check_types(Path(__file__).with_name("typed.py"))
            print(f"Python {name}: the wheel is installed, typed, serves and ends ({time.monotonic() - began:.0f} s)")
        installation = Installation(Path(sys.executable), sdist, Path(folder, "sdist"))
        installation.check(version)
        assert installation.files == installed_files(wheel)
        print("The sdist installs the same files, which serve as well")
        installation = Installation(Path(sys.executable), wheel, Path(folder, "by-hash"), CONSTRAINTS)
        installation.check(version)
        sbom = DIST / f"dagrun_api-{version}.cdx.json"
        write_sbom(sbom, wheel, installation.python, Path(folder))
        print(check_sbom(sbom, wheel, CONSTRAINTS))
    for name in everywhere:
        if name not in found:
            print(f"Python {name}: not tried, since none was found")
    return 0


def _version() -> str:
    configuration = ConfigParser()
    configuration.read(ROOT / "setup.cfg", "utf-8")
    return configuration["metadata"]["version"]


def _build(version: str) -> tuple[Path, Path]:
    # What an earlier version left behind would be packed as well.
    for stale in (DIST, ROOT / "build"):
        shutil.rmtree(stale, ignore_errors=True)
    # The wheel is built from the tree here, and by pip from the sdist.
    # uv also compares the hash of setuptools.
    uv = (sys.executable, "-m", "uv", "build", "--quiet", "--require-hashes")
    constraints = ("--build-constraint", str(ROOT / "config" / "constraints-build.txt"))
    subprocess.run((*uv, *constraints, "--no-create-gitignore", "--wheel", "--sdist", str(ROOT)), check=True)
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    return DIST / f"dagrun_api-{version}-py3-none-any.whl", DIST / f"dagrun_api-{version}.tar.gz"


if __name__ == "__main__":
    sys.exit(main())
