"""The scripts that complete commands and options, tried in a real shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dagrun_api.cli.main import COMMANDS
from tests.unit.test_command_line import run

_COMPLETE = """
source {script}
COMP_WORDS=({words} '')
[[ -n '{last}' ]] && COMP_WORDS[-1]='{last}'
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_LINE="${{COMP_WORDS[*]}}" COMP_POINT=${{#COMP_LINE}}
function=$(complete -p dagrun-api | sed 's/.*-F \\([^ ]*\\).*/\\1/')
$function dagrun-api '{last}' "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    done = run(folder, "completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    file = folder / "script"
    file.write_text(done.stdout, "utf-8")
    return file


def completed(script: Path, words: str, last: str = "") -> list[str]:
    """Return what bash offers after some words, for the beginning of the next one."""
    program = _COMPLETE.format(script=script, words=f"dagrun-api {words}", last=last)
    done = subprocess.run(
        ["bash", "--norc", "-c", program], cwd=script.parent, capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands(script: Path) -> None:
    assert set(completed(script, "")) == {command.name for command in COMMANDS}
    assert completed(script, "", "unp") == ["unpause", "unpause-batch"]


def test_bash_completes_options(script: Path) -> None:
    assert completed(script, "create", "--da") == ["--dates"]
    assert completed(script, "serve", "--dem") == ["--demo"]
    assert "--token" not in completed(script, "serve", "--")


def test_bash_completes_values(script: Path) -> None:
    assert completed(script, "dags -o") == ["table", "json", "csv"]
    assert completed(script, "runs --state", "s") == ["success"]
    assert completed(script, "completion") == ["bash", "zsh", "fish"]


def test_bash_completes_files(script: Path) -> None:
    for flag in ("create hello --dates", "create hello -c", "serve --config"):
        assert completed(script, flag, "sc") == ["script"]


@pytest.mark.parametrize(
    ("shell", "check"), [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])]
)
def test_each_script_is_one_that_its_shell_reads(tmp_path: Path, shell: str, check: list[str]) -> None:
    done = run(tmp_path, "completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "unpause-batch" in done.stdout
    assert str(tmp_path) not in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    (tmp_path / "script").write_text(done.stdout, "utf-8")
    subprocess.run([*check, "script"], cwd=tmp_path, check=True, capture_output=True)


def test_another_shell_gives_status_2(tmp_path: Path) -> None:
    done = run(tmp_path, "completion", "cmd")
    assert done.returncode == 2
    assert "dagrun-api completion: error: argument shell: invalid choice: 'cmd'" in done.stderr
