"""Bad settings, and the errors that they give."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import OPTIONS, Settings
from tests.unit.reading import Writer, refusal


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
        ("allowed_hosts", "http://runs.example"),
        ("allowed_hosts", "runs.example, runs.example:8080"),
        ("allowed_hosts", "runs.example/x"),
        ("allowed_hosts", "*.runs.example"),
        ("allowed_hosts", "**"),
        ("allowed_hosts", "a..example"),
        ("allowed_hosts", ".example"),
        ("allowed_hosts", "[::1]"),
        ("allowed_hosts", "user@runs.example"),
        ("allowed_hosts", "b\u00fccher.example"),
        ("allowed_hosts", "a" * 64),
        ("allowed_hosts", "a." * 130),
        ("database", "postgres:secret@host"),
        ("database", "sqlite:///a\nb"),
        ("database_schema", 'a"; drop schema public'),
        ("dags", "a\0b"),
    ],
)
def test_the_error_for_a_bad_value_names_its_source(name: str, value: str) -> None:
    option = next(each for each in OPTIONS if each.name == name)
    assert refusal({}, {option.variable: value}).startswith(f"{option.variable} must be ")
    assert refusal({name: value}).startswith(f"{option.flag} must be ")
    with pytest.raises(ConfigurationError, match=f"^{name} must be "):
        Settings(**{name: cast("Any", value)})


@pytest.mark.parametrize(
    "prefix", ["", "/", "api", "/api/", "//api", "/a//b", "/a b", "/{x}", "/..", "/a/./b", "/ä", "/a?b"]
)
def test_a_prefix_that_is_not_a_path_is_refused(prefix: str) -> None:
    assert "--prefix must be a path such as /api/v1" in refusal({"prefix": prefix})


@pytest.mark.parametrize("prefix", ["/api/v1", "/a", "/A.b/c~d/_-9", "/..."])
def test_a_prefix_that_is_a_path_is_accepted(prefix: str) -> None:
    assert Settings(prefix=prefix).prefix == prefix


def test_the_error_shows_the_value_and_what_is_expected() -> None:
    assert refusal({"port": "80a"}) == "--port must be a whole number from 0 to 65535, not '80a'."


def test_the_error_for_a_host_says_what_to_write() -> None:
    assert refusal({"allowed_hosts": "http://runs.example:80"}) == (
        "--allowed-hosts must be host names such as runs.example.com, without scheme, port and path, separated by "
        "commas or spaces (other alphabets as xn--…), or * for any host, not 'http://runs.example:80'."
    )
    for given in ([1], [""], ["a b"], ["a,b"], None, 1, {"a"}):
        with pytest.raises(ConfigurationError, match=r"^allowed_hosts must be host names"):
            Settings(allowed_hosts=cast("Any", given))


def test_the_error_names_the_file(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\nport = x\n")
    assert refusal({"config": path}).startswith(f"port in [dagrun_api] of {path} must be ")


def test_the_error_for_an_unknown_variable_suggests_one() -> None:
    assert refusal({}, {"DAGRUN_API_PROT": "1"}) == (
        "Environment variable DAGRUN_API_PROT in the environment is unknown; did you mean DAGRUN_API_PORT?"
    )
    assert "DAGRUN_API_CONFIGS" in refusal({}, {"DAGRUN_API_CONFIGS": "1"})


@pytest.mark.parametrize("section", ["dagrun_api", "airflow_api_plugin"])
def test_an_unknown_key_is_refused(write: Writer, section: str) -> None:
    path = write("a.ini", f"[{section}]\nnonsense = 1\n")
    assert f"Key nonsense in [{section}] of {path} is unknown" in refusal({"config": path})


@pytest.mark.parametrize("section", ["dagrun-api", "Dagrun_API", "airflow-api-plugin"])
def test_a_misspelled_section_is_refused(write: Writer, section: str) -> None:
    path = write("a.ini", f"[dagrun_api]\nport = 1\n[{section}]\n")
    assert f"[{section}]: it must be spelled" in refusal({"config": path})


def test_sections_of_other_programs_are_ignored(write: Writer) -> None:
    path = write("a.ini", "[loggers]\nkeys = root\n[dagrun_api]\nport = 1\n")
    assert Settings.load({"config": path}, {}).port == 1


def test_the_default_section_is_ignored(write: Writer) -> None:
    path = write("a.ini", "[DEFAULT]\nport = 2\n[dagrun_api]\nhost = a\n")
    assert Settings.load({"config": path}, {}) == Settings(host="a")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no section [dagrun_api]"),
        ("port = 1\n", "is not a valid INI file (line 1)"),
        ("[dagrun_api]\nport = 1\n hunter2 \n=\n", "is not a valid INI file (line 4)"),
        ("[dagrun_api]\nport = 1\nport = 2\n", "(line 3): the key 'port' appears twice"),
        ("[dagrun_api]\n[dagrun_api]\n", "(line 2): the section 'dagrun_api' appears twice"),
    ],
)
def test_an_invalid_file_is_refused_without_quoting_it(write: Writer, text: str, said: str) -> None:
    message = refusal({"config": write("a.ini", text)})
    assert said in message
    assert "hunter2" not in message


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    assert refusal({"config": tmp_path / "absent.ini"}).endswith(
        "absent.ini cannot be read: No such file or directory."
    )
    assert "Is a directory" in refusal({"config": tmp_path})
    (tmp_path / "latin.ini").write_bytes(b"[dagrun_api]\nhost = \xe9\n")
    assert "is not encoded in UTF-8" in refusal({"config": tmp_path / "latin.ini"})


def test_a_byte_order_mark_is_accepted(write: Writer) -> None:
    assert Settings.load({"config": write("a.ini", "\ufeff[dagrun_api]\nport = 1\n")}, {}).port == 1


def test_passwords_in_a_file_are_taken_literally(write: Writer) -> None:
    url = "postgresql://u:a%40b;c#d=e%(f)s$g@h/db"
    assert Settings.load({"config": write("a.ini", f"[dagrun_api]\ndatabase = {url}\n")}, {}).database == url
