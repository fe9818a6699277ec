"""The options, their sources, and which source wins."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import OPTIONS, Settings
from dagrun_api.settings.options import FLAG, TOKEN
from tests.unit.reading import Writer

EXAMPLE = Path(__file__).parents[2] / "config" / "dagrun-api.ini"


# --- the table ---


def test_without_sources_the_defaults_apply() -> None:
    assert Settings.load({}, {}) == Settings()


def test_the_defaults_are_those_of_the_specification() -> None:
    settings = Settings()
    assert (settings.database, settings.host, settings.port) == ("sqlite:///dagrun-api.db", "127.0.0.1", 8080)
    assert (settings.prefix, settings.max_body, settings.token) == ("/api/v1", 65536, None)


def test_every_option_accepts_its_default() -> None:
    for each in OPTIONS:
        assert each.read(each.default, each.name) == each.default


def test_a_flag_that_is_none_changes_nothing() -> None:
    assert Settings.load({each.name: None for each in OPTIONS if not each.kind.secret}, {}) == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_the_example_file_lists_every_option_with_its_default() -> None:
    shown = re.findall(r"^#([a-z_]+) =(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    names = [name for name, _ in shown]
    assert sorted(names) == sorted([each.name for each in OPTIONS if each.kind is not TOKEN] + ["airflow_api_auth"])
    for each in OPTIONS:
        if each.kind is not TOKEN:
            assert each.read(dict(shown)[each.name], each.name) == each.default, each.name


def test_the_example_file_sets_nothing() -> None:
    assert Settings.load({"config": str(EXAMPLE)}, {}) == Settings()


def test_the_example_file_is_valid_when_uncommented(write: Writer) -> None:
    path = write("all.ini", re.sub(r"^#([a-z_]+ =)", r"\1", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE))
    assert Settings.load({"config": path}, {}) == Settings(token="change-me")


# --- precedence ---


def test_a_flag_wins_over_the_environment_and_the_file(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\nport = 1\nhost = file\npool_size = 11\n")
    environ = {"DAGRUN_API_CONFIG": str(path), "DAGRUN_API_PORT": "2", "DAGRUN_API_HOST": "environment"}
    settings = Settings.load({"port": "3"}, environ)
    assert (settings.port, settings.host, settings.pool_size) == (3, "environment", 11)


def test_the_config_flag_wins_over_its_variable(write: Writer) -> None:
    one, two = write("1.ini", "[dagrun_api]\nport = 1\n"), write("2.ini", "[dagrun_api]\nport = 2\n")
    assert Settings.load({"config": str(two)}, {"DAGRUN_API_CONFIG": str(one)}).port == 2


def test_every_option_is_read_from_every_source(write: Writer) -> None:
    others = {"database": "x://y", "prefix": "/p", "log_level": "debug", "log_format": "json", "max_body": "2000"}
    others["airflow_url"] = "https://x.example"
    for each in OPTIONS:
        if each.kind is TOKEN or each.name in ("airflow_cfg", "airflow_username", "airflow_password", "airflow_token"):
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
def test_a_boolean_has_several_spellings(text: str, value: bool) -> None:
    assert Settings.load({}, {"DAGRUN_API_REUSE_PORT": text}).reuse_port is value


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        (" ", ()),
        ("*", ("*",)),
        ("runs", ("runs",)),
        ("Runs.Example.", ("Runs.Example.",)),
        ("a_b, xn--bcher-kva.example,c d,", ("a_b", "xn--bcher-kva.example", "c", "d")),
    ],
)
def test_names_are_separated_by_commas_or_spaces(text: str, names: tuple[str, ...]) -> None:
    assert Settings.load({}, {"DAGRUN_API_ALLOWED_HOSTS": text}).allowed_hosts == names
    assert Settings(allowed_hosts=list(names)).allowed_hosts == names  # type: ignore[arg-type]


def test_a_blank_value_unsets_an_optional_option(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\ndags = some.toml\n")
    assert Settings.load({"config": path}, {"DAGRUN_API_DAGS": ""}).dags is None


def test_the_variables_of_the_test_suite_are_ignored() -> None:
    assert Settings.load({}, {"DAGRUN_API_TEST_POSTGRES": "postgresql://…", "HOME": "/root"}) == Settings()


# --- settings made directly, by a host application ---


def test_settings_made_directly_are_checked() -> None:
    with pytest.raises(ConfigurationError, match=r"^port must be a whole number from 0 to 65535, not True"):
        Settings(port=True)
    with pytest.raises(ConfigurationError, match=r"^database must be a URL"):
        Settings(database=None)  # type: ignore[arg-type]


def test_a_path_may_be_given_as_text() -> None:
    assert Settings(dags="a/b.toml").dags == Path("a/b.toml")  # type: ignore[arg-type]
