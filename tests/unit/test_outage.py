"""What the log says while the database is unavailable."""

from __future__ import annotations

import logging

import pytest

from dagrun_api.errors import Unavailable
from dagrun_api.web.outage import OutageLog

AWAY = "Database unavailable: It is away (host db, port 5432: Connection refused)"


class Story:
    """An outage told by a clock that a test sets, in seconds."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.now = 1000.0
        self._log = OutageLog(lambda: self.now)
        self._caplog = caplog

    def failed(self, at: float) -> None:
        self.now = 1000.0 + at
        self._log.failed(Unavailable("It is away.", because="host db, port 5432: Connection refused"), f"id{at:g}")

    def answered(self, at: float) -> None:
        self.now = 1000.0 + at
        self._log.answered()

    @property
    def lines(self) -> list[str]:
        return [record.getMessage() for record in self._caplog.records]


@pytest.fixture
def story(caplog: pytest.LogCaptureFixture) -> Story:
    caplog.set_level(logging.INFO)
    return Story(caplog)


def test_the_first_failure_is_logged_with_its_cause(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    story.failed(at=0)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("WARNING", AWAY)
    assert record.__dict__["request_id"] == "id0"


def test_an_outage_logs_a_line_every_ten_seconds(story: Story) -> None:
    for tenth in range(250):
        story.failed(at=tenth / 10)
    more = "; since the last line 99 more requests got a 503"
    assert story.lines == [AWAY, AWAY + more, AWAY + more]


def test_the_recovery_is_logged_once(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    story.failed(at=0)
    story.failed(at=1)
    for second in range(3, 30):
        story.answered(at=second)
    assert story.lines[1:] == ["The database answers again; since the last line 1 more requests got a 503"]
    assert caplog.records[1].levelname == "INFO"


def test_without_an_outage_no_recovery_is_logged(story: Story) -> None:
    story.answered(at=0)
    assert story.lines == []


def test_an_answer_among_failures_is_no_recovery(story: Story) -> None:
    for tenth in range(90):
        story.failed(at=tenth / 10)
        story.answered(at=tenth / 10 + 0.05)
    assert story.lines == [AWAY]


def test_a_database_that_comes_and_goes_logs_few_lines(story: Story) -> None:
    for second in range(0, 60, 3):
        story.failed(at=second)
        story.answered(at=second + 1.5)
    assert len(story.lines) == 3 * 60 / 12, "away, back, and back again with those in between, every 12 seconds"
    counted = [line.partition("since the last line ")[2].partition(" ")[0] for line in story.lines]
    told = [line for line in story.lines if line.startswith("Database unavailable")]
    assert sum(int(number or 0) for number in counted) + len(told) == 60 / 3
