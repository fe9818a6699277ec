"""The settings that come from airflow.cfg."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagrun_api.settings import TOKEN_VARIABLES, Settings
from tests.unit.reading import Writer, refusal

SEED_SPELLING, REGULAR_SPELLING, OWN_SPELLING = TOKEN_VARIABLES


def airflow(path: Path, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    return Settings.load({"airflow_cfg": str(path), **flags}, environ or {})


def test_airflow_cfg_gives_database_schema_and_token(write: Writer) -> None:
    path = write(
        "airflow.cfg",
        "[core]\nsql_alchemy_conn = postgresql://old/db\n"
        "[database]\nsql_alchemy_conn = postgresql+psycopg2://u:p%%40w@h/db\nsql_alchemy_schema = airflow\n"
        "[airflow_api_plugin]\nairflow_api_auth = s3cret\n",
    )
    settings = airflow(path)
    assert settings.database == "postgresql+psycopg2://u:p%40w@h/db"
    assert (settings.database_schema, settings.token) == ("airflow", "s3cret")


def test_before_airflow_2_3_the_database_is_in_core(write: Writer) -> None:
    assert (
        airflow(write("airflow.cfg", "[core]\nsql_alchemy_conn = postgresql://h/db\n")).database == "postgresql://h/db"
    )


@pytest.mark.parametrize("section", ["DATABASE", "CORE"])
def test_airflows_variables_win_over_airflow_cfg(write: Writer, section: str) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = postgresql://file/db\n")
    assert airflow(path, {f"AIRFLOW__{section}__SQL_ALCHEMY_CONN": "postgresql://e/db"}).database == "postgresql://e/db"


def test_without_airflow_cfg_airflows_variables_are_ignored() -> None:
    assert Settings.load({}, {"AIRFLOW__CORE__SQL_ALCHEMY_CONN": "postgresql://e/db"}) == Settings()


def test_airflow_cfg_may_refer_to_variables(write: Writer) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = sqlite:///${AIRFLOW_HOME}/$NAME.db?x=$y\n")
    assert airflow(path, {"AIRFLOW_HOME": "/opt", "NAME": "a"}).database == "sqlite:////opt/a.db?x=$y"


def test_the_option_database_wins_over_airflow_cfg(write: Writer) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = postgresql://h/db\nsql_alchemy_schema = airflow\n")
    settings = airflow(path, database="postgresql://mine/db")
    assert (settings.database, settings.database_schema) == ("postgresql://mine/db", None)


def test_the_token_of_the_ini_file_wins_over_airflow_cfg(write: Writer) -> None:
    text = "[core]\nsql_alchemy_conn = x://y\n[airflow_api_plugin]\nairflow_api_auth = from-airflow\n"
    own = write("a.ini", f"[dagrun_api]\nairflow_cfg = {write('airflow.cfg', text)}\n")
    assert Settings.load({"config": own}, {}).token == "from-airflow"
    own.write_text(own.read_text("utf-8") + "[airflow_api_plugin]\nairflow_api_auth = from-ini\n", "utf-8")
    assert Settings.load({"config": own}, {}).token == "from-ini"


@pytest.mark.parametrize("variable", TOKEN_VARIABLES)
def test_a_token_in_the_environment_wins_over_airflow_cfg(write: Writer, variable: str) -> None:
    path = write("airflow.cfg", "[core]\nsql_alchemy_conn = x://y\n[airflow_api_plugin]\nairflow_api_auth = file\n")
    assert airflow(path, {variable: "environment"}).token == "environment"


def test_a_token_that_only_airflow_can_resolve_may_be_set_here(write: Writer) -> None:
    path = write("airflow.cfg", "[core]\nsql_alchemy_conn = x://y\n")
    command = {f"{REGULAR_SPELLING}_CMD": "cat /run/secrets/token"}
    assert f"set {REGULAR_SPELLING} instead" in refusal({"airflow_cfg": path}, command)
    assert airflow(path, {**command, OWN_SPELLING: "s3cret"}).token == "s3cret"


def test_the_rest_of_airflow_cfg_is_ignored(write: Writer) -> None:
    path = write(
        "airflow.cfg",
        "[core]\ndags_folder = %(nothing)s\ndags_folder = twice\njust a line\n[core]\n"
        "[logging]\nformat = [%%(asctime)s]\n  continued\n[database]\nsql_alchemy_conn = sqlite:////a.db\n",
    )
    assert airflow(path).database == "sqlite:////a.db"


def test_an_airflow_cfg_without_a_database_is_refused(write: Writer) -> None:
    path = write("airflow.cfg", "[core]\ndags_folder = /dags\n")
    assert refusal({"airflow_cfg": path}).startswith(f"{path} does not set sql_alchemy_conn in [database] or [core]")


def test_an_unreadable_airflow_cfg_is_refused(write: Writer, tmp_path: Path) -> None:
    assert "is not a valid INI file" in refusal({"airflow_cfg": write("airflow.cfg", "sql_alchemy_conn = x")})
    assert "cannot be read" in refusal({"airflow_cfg": tmp_path / "absent.cfg"})


@pytest.mark.parametrize("ending", ["CMD", "SECRET"])
def test_a_url_that_only_airflow_can_resolve_is_refused(write: Writer, ending: str) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = postgresql://file/db\n")
    variable = f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_{ending}"
    assert variable in refusal({"airflow_cfg": path}, {variable: "cat /run/secrets/db"})


def test_the_error_for_a_bad_value_names_airflow_cfg(write: Writer) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = hunter2\n")
    message = refusal({"airflow_cfg": path})
    assert message.startswith(f"sql_alchemy_conn in [database] of {path} must be a URL")
    assert "hunter2" not in message
