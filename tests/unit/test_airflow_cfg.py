"""What is taken from the airflow.cfg of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagrun_api.settings import TOKEN_VARIABLES, Settings
from tests.unit.reading import Writer, refusal

SEED_SPELLING, REGULAR_SPELLING = TOKEN_VARIABLES


def airflow(path: Path, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    return Settings.load({"airflow_cfg": str(path), **flags}, environ or {})


def test_database_schema_and_token_are_taken_from_airflow_cfg(write: Writer) -> None:
    path = write(
        "airflow.cfg",
        "[core]\nsql_alchemy_conn = postgresql://old/db\n"
        "[database]\nsql_alchemy_conn = postgresql+psycopg2://u:p%%40w@h/db\nsql_alchemy_schema = airflow\n"
        "[airflow_api_plugin]\nairflow_api_auth = s3cret\n",
    )
    settings = airflow(path)
    assert settings.database == "postgresql+psycopg2://u:p%40w@h/db"
    assert (settings.database_schema, settings.token) == ("airflow", "s3cret")


def test_airflow_before_2_3_has_the_database_in_core(write: Writer) -> None:
    assert (
        airflow(write("airflow.cfg", "[core]\nsql_alchemy_conn = postgresql://h/db\n")).database == "postgresql://h/db"
    )


@pytest.mark.parametrize("section", ["DATABASE", "CORE"])
def test_the_variables_of_airflow_overrule_airflow_cfg(write: Writer, section: str) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = postgresql://file/db\n")
    assert airflow(path, {f"AIRFLOW__{section}__SQL_ALCHEMY_CONN": "postgresql://e/db"}).database == "postgresql://e/db"


def test_the_variables_of_airflow_count_only_together_with_an_airflow_cfg() -> None:
    assert Settings.load({}, {"AIRFLOW__CORE__SQL_ALCHEMY_CONN": "postgresql://e/db"}) == Settings()


def test_airflow_cfg_may_refer_to_the_environment(write: Writer) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = sqlite:///${AIRFLOW_HOME}/$NAME.db?x=$y\n")
    assert airflow(path, {"AIRFLOW_HOME": "/opt", "NAME": "a"}).database == "sqlite:////opt/a.db?x=$y"


def test_a_database_given_to_the_service_wins_over_airflow_cfg(write: Writer) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = postgresql://h/db\nsql_alchemy_schema = airflow\n")
    settings = airflow(path, database="postgresql://mine/db")
    assert (settings.database, settings.database_schema) == ("postgresql://mine/db", None)


def test_the_token_of_our_own_file_wins_over_that_of_airflow_cfg(write: Writer) -> None:
    text = "[core]\nsql_alchemy_conn = x://y\n[airflow_api_plugin]\nairflow_api_auth = theirs\n"
    own = write("a.ini", f"[dagrun_api]\nairflow_cfg = {write('airflow.cfg', text)}\n")
    assert Settings.load({"config": own}, {}).token == "theirs"
    own.write_text(own.read_text("utf-8") + "[airflow_api_plugin]\nairflow_api_auth = ours\n", "utf-8")
    assert Settings.load({"config": own}, {}).token == "ours"


def test_whatever_else_airflow_cfg_holds_is_no_concern(write: Writer) -> None:
    path = write(
        "airflow.cfg",
        "[core]\ndags_folder = %(nothing)s\ndags_folder = twice\njust a line\n[core]\n"
        "[logging]\nformat = [%%(asctime)s]\n  continued\n[database]\nsql_alchemy_conn = sqlite:////a.db\n",
    )
    assert airflow(path).database == "sqlite:////a.db"


def test_an_airflow_cfg_without_a_database_is_refused(write: Writer) -> None:
    path = write("airflow.cfg", "[core]\ndags_folder = /dags\n")
    assert refusal({"airflow_cfg": path}).startswith(f"{path} sets no sql_alchemy_conn in [database] or [core]")


def test_an_airflow_cfg_without_sections_or_absent_is_refused(write: Writer, tmp_path: Path) -> None:
    assert "is not a sound INI file" in refusal({"airflow_cfg": write("airflow.cfg", "sql_alchemy_conn = x")})
    assert "cannot be read" in refusal({"airflow_cfg": tmp_path / "absent.cfg"})


@pytest.mark.parametrize("ending", ["CMD", "SECRET"])
def test_a_database_that_only_airflow_can_resolve_is_refused(write: Writer, ending: str) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = postgresql://file/db\n")
    variable = f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_{ending}"
    assert variable in refusal({"airflow_cfg": path}, {variable: "cat /run/secrets/db"})


def test_a_bad_value_in_airflow_cfg_is_named_with_its_place(write: Writer) -> None:
    path = write("airflow.cfg", "[database]\nsql_alchemy_conn = hunter2\n")
    message = refusal({"airflow_cfg": path})
    assert message.startswith(f"sql_alchemy_conn in [database] of {path} must be a URL")
    assert "hunter2" not in message
