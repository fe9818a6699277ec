"""A virtual environment for an Airflow release, made with uv and kept inside the clone."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .releases import Release

CACHE = Path(__file__).resolve().parents[2] / ".airflow"
"""Ignored by git; removing it only costs the next run a minute."""

Say = Callable[[str], None]


class InstallationError(Exception):
    """What is missing on this machine, and what to do about it."""


class NoPythonError(InstallationError):
    """No Python on this machine fits the release."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A release that is ready to run."""

    release: Release
    venv: Path

    @property
    def bin(self) -> Path:
        return self.venv / "bin"


def install(release: Release, say: Say, cache: Path = CACHE) -> Installation:
    """Return the installation of a release, made now unless a complete one is there.

    Raises InstallationError when there is no uv or no way to the packages, NoPythonError when no Python fits.
    """
    folder = cache / release.version
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "complete"
    installation = Installation(release, folder / "venv")
    with _locked(folder / "lock"):
        uv = _uv(cache, say)
        python = _python(uv, release)
        wanted = "\n".join([*release.requirements, f"not after {release.newest}", python])
        if done.exists() and done.read_text() == wanted and (installation.bin / "airflow").exists():
            return installation
        done.unlink(missing_ok=True)
        shutil.rmtree(installation.venv, ignore_errors=True)
        say(f"installing Airflow {release.version} into {installation.venv} (once; some 300 MB)")
        _run(uv, "venv", "--quiet", "--python", python, str(installation.venv))
        _run(
            *(uv, "pip", "install", "--quiet", "--python", str(installation.bin / "python")),
            *(("--prerelease=allow",) if release.is_prerelease else ()),
            *("--exclude-newer", release.newest, *release.requirements),
        )
        # Written last: a venv without it was interrupted, and is made again.
        done.write_text(wanted)
    return installation


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _uv(cache: Path, say: Say) -> str:
    beside = Path(sys.executable).parent / "uv"
    own = cache / "uv" / "bin" / "uv"
    for known in (str(beside), shutil.which("uv"), str(own)):
        if known and Path(known).exists():
            return known
    say("installing uv, which makes the environments, with pip")
    _run(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(cache / "uv"), "uv>=0.5")
    return str(own)


def _python(uv: str, release: Release) -> str:
    """Return the interpreter to build on: the running one if it fits, else one that is on this machine."""
    oldest, too_new = release.python
    if oldest <= sys.version_info[:2] < too_new:
        return sys.executable
    find = (uv, "python", "find", "--system", "--no-project", "--no-python-downloads", release.python_range)
    found = subprocess.run(find, capture_output=True, text=True, check=False).stdout.strip()
    name = f"python{oldest[0]}.{oldest[1]}"
    kept = Path.home().glob(f".pyenv/versions/{name.removeprefix('python')}.*/bin/python")
    for known in (found, shutil.which(name), *map(str, sorted(kept))):
        if known and _is_python(known, oldest, too_new):
            return known
    raise NoPythonError(
        f"Airflow {release.version} needs Python {release.python_range}, and this is"
        f" {sys.version_info.major}.{sys.version_info.minor}: install a fitting one beside"
        f" it (the package {name}, for example), so that it is on the PATH, and start this again."
    )


def _is_python(path: str, oldest: tuple[int, int], too_new: tuple[int, int]) -> bool:
    """Tell whether this runs and is of these versions: what is on the PATH may only point at what is not there."""
    ask = (path, "-c", f"import sys; sys.exit(not {oldest} <= sys.version_info[:2] < {too_new})")
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


def _run(*command: str) -> None:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise InstallationError(f"{' '.join(command)} failed:\n{answer.stderr.strip() or answer.stdout}")
