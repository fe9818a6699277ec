"""The example suite with a fake Airflow passes in both modes of pytest-asyncio, and finds a bug."""

from __future__ import annotations

import shutil

import pytest

from tests.examples.places import EXAMPLES

INI = "[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    shutil.copytree(EXAMPLES / "fake_airflow", pytester.path, dirs_exist_ok=True)
    return pytester


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_the_example_suite_passes(mode: str, suite: pytest.Pytester) -> None:
    suite.makefile(".ini", pytest=INI.format(mode=mode))
    suite.runpytest_subprocess().assert_outcomes(passed=3)


def test_the_example_suite_finds_a_bug(suite: pytest.Pytester) -> None:
    suite.makefile(".ini", pytest=INI.format(mode="auto"))
    program = suite.path / "nightly.py"
    program.write_text(program.read_text().replace("(CannotConnect, ServerUnavailable)", "CannotConnect"))
    suite.runpytest_subprocess().assert_outcomes(passed=2, failed=1)
