from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.options import FLAG, TOKEN
from dagrun_api.settings import OPTIONS, TOKEN_VARIABLES, Settings

EXAMPLE = Path(__file__).parents[2] / "config" / "dagrun-api.ini"
SEED_SPELLING, REGULAR_SPELLING = TOKEN_VARIABLES
Writer = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def refusal(flags: dict[str, object] | None = None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(flags or {}, environ or {})
    return str(caught.value)


# --- the table ---


def test_nothing_given_means_the_defaults() -> None:
    assert Settings.load({}, {}) == Settings()


def test_defaults_are_those_of_the_contract() -> None:
    settings = Settings()
    assert (settings.database, settings.host, settings.port) == ("sqlite:///dagrun-api.db", "127.0.0.1", 8080)
    assert (settings.prefix, settings.max_body, settings.token) == ("/api/v1", 65536, None)


def test_every_default_is_a_value_that_its_option_accepts() -> None:
    for each in OPTIONS:
        assert each.read(each.default, each.name) == each.default


def test_a_flag_that_was_not_given_is_none_and_changes_nothing() -> None:
    assert Settings.load({each.name: None for each in OPTIONS if each.kind is not TOKEN}, {}) == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_the_example_file_shows_every_option_once_with_its_default() -> None:
    shown = re.findall(r"^#([a-z_]+) =(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    names = [name for name, _ in shown]
    assert sorted(names) == sorted([each.name for each in OPTIONS if each.kind is not TOKEN] + ["airflow_api_auth"])
    for each in OPTIONS:
        if each.kind is not TOKEN:
            assert each.read(dict(shown)[each.name], each.name) == each.default, each.name


def test_the_example_file_sets_nothing_as_it_is() -> None:
    assert Settings.load({"config": str(EXAMPLE)}, {}) == Settings()


def test_the_example_file_with_everything_uncommented_is_accepted(write: Writer) -> None:
    path = write("all.ini", re.sub(r"^#([a-z_]+ =)", r"\1", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE))
    assert Settings.load({"config": path}, {}) == Settings(token="change-me")


# --- precedence ---


def test_a_flag_wins_over_the_environment_and_that_over_the_file(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\nport = 1\nhost = file\npool_size = 11\n")
    environ = {"DAGRUN_API_CONFIG": str(path), "DAGRUN_API_PORT": "2", "DAGRUN_API_HOST": "environment"}
    settings = Settings.load({"port": "3"}, environ)
    assert (settings.port, settings.host, settings.pool_size) == (3, "environment", 11)


def test_the_flag_config_wins_over_the_variable(write: Writer) -> None:
    one, two = write("1.ini", "[dagrun_api]\nport = 1\n"), write("2.ini", "[dagrun_api]\nport = 2\n")
    assert Settings.load({"config": str(two)}, {"DAGRUN_API_CONFIG": str(one)}).port == 2


def test_every_option_is_read_from_the_environment_and_from_the_file(write: Writer) -> None:
    others = {"database": "x://y", "prefix": "/p", "log_level": "debug", "log_format": "json", "max_body": "2000"}
    for each in OPTIONS:
        if each.kind is TOKEN or each.name == "airflow_cfg":
            continue
        text = others.get(each.name, "1")
        if each.kind is FLAG:
            text = "no" if each.default else "yes"
        path = write("one.ini", f"[dagrun_api]\n{each.name} = {text}\n")
        by_variable = Settings.load({}, {each.variable: text})
        by_file = Settings.load({"config": path}, {})
        by_flag = Settings.load({each.name: text}, {})
        assert getattr(by_variable, each.name) != each.default, each.name
        assert by_variable == by_file == by_flag, each.name


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("On", True), ("0", False), (" FALSE ", False)])
def test_a_yes_or_no_may_be_spelt_in_several_ways(text: str, value: bool) -> None:
    assert Settings.load({}, {"DAGRUN_API_REUSE_PORT": text}).reuse_port is value


def test_a_blank_value_unsets_what_may_be_absent(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\ndags = some.toml\n")
    assert Settings.load({"config": path}, {"DAGRUN_API_DAGS": ""}).dags is None


def test_variables_for_the_tests_are_left_alone() -> None:
    assert Settings.load({}, {"DAGRUN_API_TEST_POSTGRES": "postgresql://…", "HOME": "/root"}) == Settings()


# --- mistakes ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "80a"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", ""),
        ("port", "8080\n  host = x"),
        ("pool_size", "0"),
        ("pool_size", "9" * 5000),
        ("query_timeout", "nan"),
        ("query_timeout", "inf"),
        ("query_timeout", "0"),
        ("max_body", "64k"),
        ("reuse_port", "perhaps"),
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("host", "two words"),
        ("host", ""),
        ("database", "postgres:secret@host"),
        ("database", "sqlite:///a\nb"),
        ("database_schema", 'a"; drop schema public'),
        ("dags", "a\0b"),
    ],
)
def test_a_bad_value_is_refused_naming_where_it_stands(name: str, value: str) -> None:
    option = next(each for each in OPTIONS if each.name == name)
    assert refusal({}, {option.variable: value}).startswith(f"{option.variable} must be ")
    assert refusal({name: value}).startswith(f"{option.flag} must be ")
    with pytest.raises(ConfigurationError, match=f"^{name} must be "):
        Settings(**{name: cast("Any", value)})


@pytest.mark.parametrize(
    "prefix", ["", "/", "api", "/api/", "//api", "/a//b", "/a b", "/{x}", "/..", "/a/./b", "/ä", "/a?b"]
)
def test_a_prefix_that_no_path_can_begin_with_is_refused(prefix: str) -> None:
    assert "--prefix must be a path such as /api/v1" in refusal({"prefix": prefix})


@pytest.mark.parametrize("prefix", ["/api/v1", "/a", "/A.b/c~d/_-9", "/..."])
def test_any_other_prefix_is_accepted(prefix: str) -> None:
    assert Settings(prefix=prefix).prefix == prefix


def test_the_message_tells_the_value_and_what_is_wanted() -> None:
    assert refusal({"port": "80a"}) == "--port must be a whole number from 0 to 65535, not '80a'."


def test_the_message_tells_the_file(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\nport = x\n")
    assert refusal({"config": path}).startswith(f"port in [dagrun_api] of {path} must be ")


def test_an_unknown_variable_is_refused_with_the_likely_one() -> None:
    assert refusal({}, {"DAGRUN_API_PROT": "1"}) == (
        "Environment variable DAGRUN_API_PROT in the environment is unknown; did you mean DAGRUN_API_PORT?"
    )
    assert "DAGRUN_API_CONFIGS" in refusal({}, {"DAGRUN_API_CONFIGS": "1"})


@pytest.mark.parametrize("section", ["dagrun_api", "airflow_api_plugin"])
def test_an_unknown_key_is_refused(write: Writer, section: str) -> None:
    path = write("a.ini", f"[{section}]\nnonsense = 1\n")
    assert f"Key nonsense in [{section}] of {path} is unknown" in refusal({"config": path})


@pytest.mark.parametrize("section", ["dagrun-api", "Dagrun_API", "airflow-api-plugin"])
def test_a_misspelt_section_is_refused(write: Writer, section: str) -> None:
    path = write("a.ini", f"[dagrun_api]\nport = 1\n[{section}]\n")
    assert f"[{section}]: it must be spelt" in refusal({"config": path})


def test_sections_of_others_are_left_alone(write: Writer) -> None:
    path = write("a.ini", "[loggers]\nkeys = root\n[dagrun_api]\nport = 1\n")
    assert Settings.load({"config": path}, {}).port == 1


def test_a_default_section_does_not_reach_ours(write: Writer) -> None:
    path = write("a.ini", "[DEFAULT]\nport = 2\n[dagrun_api]\nhost = a\n")
    assert Settings.load({"config": path}, {}) == Settings(host="a")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no section [dagrun_api]"),
        ("port = 1\n", "is not a sound INI file (line 1)"),
        ("[dagrun_api]\nport = 1\n hunter2 \n=\n", "is not a sound INI file (line 4)"),
        ("[dagrun_api]\nport = 1\nport = 2\n", "(line 3): 'port' stands there a second time"),
        ("[dagrun_api]\n[dagrun_api]\n", "(line 2): 'dagrun_api' stands there a second time"),
    ],
)
def test_a_damaged_file_is_refused_without_quoting_it(write: Writer, text: str, said: str) -> None:
    message = refusal({"config": write("a.ini", text)})
    assert said in message
    assert "hunter2" not in message


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert refusal({"config": tmp_path / "absent.ini"}).endswith(
        "absent.ini cannot be read: No such file or directory."
    )
    assert "Is a directory" in refusal({"config": tmp_path})
    (tmp_path / "latin.ini").write_bytes(b"[dagrun_api]\nhost = \xe9\n")
    assert "is not encoded in UTF-8" in refusal({"config": tmp_path / "latin.ini"})


def test_a_byte_order_mark_is_no_mistake(write: Writer) -> None:
    assert Settings.load({"config": write("a.ini", "\ufeff[dagrun_api]\nport = 1\n")}, {}).port == 1


def test_passwords_are_taken_as_they_stand(write: Writer) -> None:
    url = "postgresql://u:a%40b;c#d=e%(f)s$g@h/db"
    assert Settings.load({"config": write("a.ini", f"[dagrun_api]\ndatabase = {url}\n")}, {}).database == url


# --- made by embedding code ---


def test_values_are_checked_when_settings_are_made_directly() -> None:
    with pytest.raises(ConfigurationError, match=r"^port must be a whole number from 0 to 65535, not True"):
        Settings(port=True)
    with pytest.raises(ConfigurationError, match=r"^database must be a URL"):
        Settings(database=None)  # type: ignore[arg-type]


def test_the_text_of_a_path_becomes_a_path() -> None:
    assert Settings(dags="a/b.toml").dags == Path("a/b.toml")  # type: ignore[arg-type]


# --- the token ---


@pytest.mark.parametrize("variable", TOKEN_VARIABLES)
def test_the_token_comes_from_the_environment_in_either_spelling(variable: str) -> None:
    assert Settings.load({}, {variable: "s3cret"}).token == "s3cret"


def test_the_environment_wins_over_the_file_for_the_token(write: Writer) -> None:
    path = write("a.ini", "[airflow_api_plugin]\nairflow_api_auth=from%file\n")
    assert Settings.load({"config": path}, {}).token == "from%file"
    assert Settings.load({"config": path}, {SEED_SPELLING: "other"}).token == "other"


def test_the_same_token_in_both_spellings_is_fine_and_two_tokens_are_not() -> None:
    assert Settings.load({}, {SEED_SPELLING: "a", REGULAR_SPELLING: "a"}).token == "a"
    assert "set to different tokens" in refusal({}, {SEED_SPELLING: "aaaa", REGULAR_SPELLING: "bbbb"})


@pytest.mark.parametrize("token", ["", " ", "\t", "two words", "s3cret\n", " s3cret", "s3cret\x7f", "s3cret\u200b"])
def test_a_blank_or_unprintable_token_is_refused_and_not_repeated(token: str) -> None:
    message = refusal({}, {SEED_SPELLING: token})
    assert message == f"{SEED_SPELLING} must be one word of printable characters, and not blank."
    with pytest.raises(ConfigurationError, match=r"^token must be one word"):
        Settings(token=token)


def test_a_blank_token_in_a_file_is_refused(write: Writer) -> None:
    path = write("a.ini", "[airflow_api_plugin]\nairflow_api_auth =\n")
    assert refusal({"config": path}).startswith(f"airflow_api_auth in [airflow_api_plugin] of {path} must be ")


def test_the_token_cannot_be_set_like_another_option(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\ntoken = s3cret\n")
    for message in (
        refusal({"token": "s3cret"}),
        refusal({}, {"DAGRUN_API_TOKEN": "s3cret"}),
        refusal({"config": path}),
    ):
        assert f"the token is airflow_api_auth in [airflow_api_plugin], or {REGULAR_SPELLING}" in message
        assert "s3cret" not in message


# --- nothing secret is shown ---


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("postgresql://u:hunter2@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("postgresql+psycopg2://:hunter2@h/db", "postgresql+psycopg2://:***@h/db"),
        ("postgresql://u:hun/ter2?x#@y@h/db", "postgresql://u:***@h/db"),
        ("postgresql:///db?host=/tmp&password=hunter2&user=u", "postgresql:///db?host=/tmp&password=***&user=u"),
        ("postgresql:///db?p%61ssword=hunter2", "postgresql:///db?p%61ssword=***"),
        ("postgresql://u:hunter2@h/db?sslpassword=hunter2", "postgresql://u:***@h/db?sslpassword=***"),
    ],
)
def test_passwords_are_masked(url: str, safe: str) -> None:
    settings = Settings(database=url, token="s3cret")
    assert settings.safe_database == safe
    for shown in (repr(settings), str(settings), f"{settings}"):
        assert "hunter2" not in shown
        assert "s3cret" not in shown
        assert "token='***'" in shown


def test_a_bad_database_url_is_not_repeated() -> None:
    assert "hunter2" not in refusal({"database": "u:hunter2@h/db"})


# --- airflow.cfg ---


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
