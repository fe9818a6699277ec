"""A database that Airflow upgrades from release to release, under a service that runs all the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.service.process import clean_environment

from .dagfiles import BATCH, CROWD, dag_file
from .deployment import Deployment
from .expectations import wait_for
from .installation import Installation
from .metadata import PostgreSQL
from .processes import Processes
from .releases import AIRFLOW_2, AIRFLOW_2_6, AIRFLOW_3_1, AIRFLOW_3_4, Release
from .service import COMMAND, Service
from .sites import Site
from .story import Story

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]


def test_a_service_outlives_the_upgrades_of_airflow(
    installed: Callable[[Release], Installation], database: PostgreSQL, processes: Processes, tmp_path: Path
) -> None:
    def prepare(release: Release) -> Deployment:
        return Deployment(installed(release), database, tmp_path / "airflow", processes)

    def parse(airflow: Deployment) -> None:
        airflow.parse(dag_file(airflow.release.major, airflow.seen, datetime.now(UTC)))

    airflow = prepare(AIRFLOW_2_6)
    airflow.migrate()
    parse(airflow)
    url = database.grant()
    story = Story(Service.start(processes, url, "--audit-log"))
    story.make_batches(AIRFLOW_2_6)

    for release in (AIRFLOW_2, AIRFLOW_3_1, AIRFLOW_3_4):
        airflow = prepare(release)
        story.upgrade(airflow)
        parse(airflow)
        database.grant()
        story.make_batches(release)
        story.check()
        assert story.service.client.answers("/readyz")
        ((head,),) = database.rows("SELECT version_num FROM alembic_version")
        report = processes.run([str(COMMAND), "check", "--database", url, "--audit-log"], clean_environment())
        assert f"Airflow {release.major} (tables as since " in report
        assert f"(head {head})" in report

    site = Site(airflow, airflow.start(), story.service)
    wait_for(site, BATCH, story.kept)
    wait_for(site, CROWD, story.meanwhile)
    saw = airflow.saw(BATCH)
    for run_id, (release, tick) in story.kept.items():
        task = saw[run_id]
        assert (task.conf, task.logical_date) == ({"at": release.version}, tick.at)
        assert (task.data_interval_start, task.data_interval_end) == tick.interval(release.generation.cron)
    states = airflow.states(BATCH)
    assert {states[run_id] for run_id in story.cancelled} == {"failed"}
    assert not saw.keys() & set(story.cancelled)
    assert "Traceback" not in story.service.running.log.read_text()
