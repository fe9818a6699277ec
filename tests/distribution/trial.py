"""An installation in an environment of its own, far from the source tree, and a service that runs from it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

from dagrun_api.web.ui.pages import PATHS
from tests.service.process import clean_environment, serving

__all__ = ["Installation"]

_CATALOGUE = '[[dag]]\ndag_id = "hello"\nschedule = "0 12 * * *"\nstart_date = 2017-01-01T00:00:00Z\n'

_BATCH = {"dag_id": "hello", "prefix": "try", "start_date": "2017-09-01", "end_date": "2017-09-03T23:59:59"}

_LIST = """
from importlib.metadata import files
print(*(each for each in files("dagrun-api") if each.suffix != ".pyc"), sep="\\n")
"""


class Installation:
    """One distribution, installed for one Python; commands run in an empty folder, and find nothing of the tree.

    `constraints`: the file that its dependencies come from, by hash; by default pip takes the newest that fit.
    """

    def __init__(self, python: Path, distribution: Path, folder: Path, constraints: Path | None = None) -> None:
        environment = folder / "venv"
        self._empty = folder / "empty"
        self._empty.mkdir(parents=True)
        self._run(str(python), "-m", "venv", "--without-pip", str(environment))
        self.python = environment / "bin" / "python"
        self._program = environment / "bin" / "dagrun-api"
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(self.python))
        install = (*pip, "install", "--quiet", "--no-compile")
        if constraints is None:
            self._run(*install, str(distribution))
        else:
            self._run(*install, "--require-hashes", "--requirement", str(constraints))
            self._run(*install, "--no-deps", str(distribution))
        self._run(*pip, "check")

    @property
    def files(self) -> set[str]:
        """The files that it consists of, without its metadata and its program."""
        names = self._run(str(self.python), "-c", _LIST).split()
        return {name for name in names if ".dist-info/" not in name and not name.startswith("..")}

    def check(self, version: str) -> None:
        """Raise unless it is of this version, serves the whole API, the page and the demo, and ends when told."""
        assert self._run(str(self._program), "--version") == f"dagrun-api {version}\n"
        (self._empty / "dags.toml").write_text(_CATALOGUE)
        program = (str(self._program),)
        with serving(self._empty, "--dags=dags.toml", program=program) as service:
            port = service.port
            for path in ("/healthz", "/readyz", "/api/v1/openapi.json", *PATHS):
                status, body = _ask(port, "GET", path)
                assert (status, bool(body)) == (200, True), (path, status)
            status, body = _ask(port, "POST", "/api/v1/dag_runs", json.dumps(_BATCH))
            assert (status, len(json.loads(body)["response"]["dag_run_ids"])) == (200, 3), body
        assert "Traceback" not in service.log
        with serving(self._empty, "--demo", program=program) as service:
            status, body = _ask(service.port, "GET", "/api/v1/dags/hello")
            assert (status, json.loads(body)["response"]["dag"]["schedule"]) == (200, "0 12 * * *"), body
        assert "--demo" in self._run(str(self._program), "completion", "bash")
        assert re.search(r"^runs +3$", self._run(str(self._program), "check"), re.MULTILINE)

    def check_types(self, program: Path) -> None:
        """Raise unless mypy, in its strict mode, knows the types of what this program imports from the installation."""
        mypy = (sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=/dev/null")
        self._run(*mypy, "--python-executable", str(self.python), str(program))

    def _run(self, *command: str) -> str:
        ended = subprocess.run(command, cwd=self._empty, env=clean_environment(), capture_output=True, text=True)
        assert ended.returncode == 0, f"{' '.join(command)}\n{ended.stdout}{ended.stderr}"
        return ended.stdout


def _ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
