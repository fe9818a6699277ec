"""What the tests start, they also stop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .processes import Processes
from .waiting import until

pytestmark = pytest.mark.airflow


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_a_grandchild_in_a_session_of_its_own_is_stopped(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"setsid sh -c 'trap \"\" TERM; echo $$ > {note}; exec sleep 600' & trap '' TERM; sleep 600"
    with Processes(tmp_path) as processes:
        parent = processes.start("parent", ["sh", "-c", script], os.environ)
        until("the grandchild runs", note.exists, 10, parent.tail, pause=0.05)
        until("its number is written", note.read_text, 10, parent.tail, pause=0.05)
        grandchild = int(note.read_text())
        assert _lives(grandchild)
        processes.stop(patience=0.5)
        assert not _lives(grandchild)
        assert not _lives(parent.pid)


def test_a_deadline_says_what_was_missing() -> None:
    with pytest.raises(AssertionError, match=r"(?s)not within 0 s: pigs fly.*none has wings"):
        until("pigs fly", lambda: False, 0, lambda: "none has wings", pause=0)
