"""The options for Airflow's own API: its address, and who logs in to it."""

from __future__ import annotations

from typing import Any

import pytest

from dagrun_api import create_app
from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import OPTIONS, Settings
from tests.unit.reading import Writer, refusal

URL = "https://airflow.example/team"
VARIABLES = {
    "DAGRUN_API_AIRFLOW_URL": URL,
    "DAGRUN_API_AIRFLOW_USERNAME": "robot",
    "DAGRUN_API_AIRFLOW_PASSWORD": " hunter2 ",
}


def test_user_and_password_come_from_the_environment_or_the_file(write: Writer) -> None:
    path = write("a.ini", f"[dagrun_api]\nairflow_url = {URL}/\nairflow_username = robot\nairflow_password = a%b;#c\n")
    from_file = Settings.load({"config": path}, {})
    assert (from_file.airflow_url, from_file.airflow_username, from_file.airflow_password) == (URL, "robot", "a%b;#c")
    from_environment = Settings.load({"config": path}, VARIABLES)
    assert from_environment.airflow_password == " hunter2 "


def test_a_token_comes_from_the_environment_or_the_file(write: Writer) -> None:
    path = write("a.ini", f"[dagrun_api]\nairflow_url = {URL}\nairflow_token = abc\n")
    assert Settings.load({"config": path}, {}).airflow_token == "abc"
    assert Settings.load({"config": path}, {"DAGRUN_API_AIRFLOW_TOKEN": "def"}).airflow_token == "def"


def test_a_host_application_passes_them_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    create_app(airflow_url=URL, airflow_username="robot", airflow_password="hunter2")
    with pytest.raises(ConfigurationError, match=r"^airflow_token must be one word of printable ASCII characters\.$"):
        create_app(airflow_url=URL, airflow_token="hunter2\n")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080",
        "https://airflow.example.com",
        "https://airflow.example.com/a/b~c",
        "http://[::1]:8080/airflow",
        "http://10.0.0.1",
        "http://airflow_web.local.:65535",
    ],
)
def test_an_address_is_an_http_url(url: str) -> None:
    assert Settings(airflow_url=url).airflow_url == url
    assert Settings(airflow_url=url + "/").airflow_url == url


@pytest.mark.parametrize(
    "url",
    [
        "airflow.example",
        "ftp://airflow.example",
        "https://",
        "https://robot:hunter2@airflow.example",
        "https://airflow.example/?a=hunter2",
        "https://airflow.example/#hunter2",
        "https://airflow.example//a",
        "https://airflow.example/a b",
        "https://airflow.example:port",
        "https://airflow.example:65536",
        "https://airflow.example:0",
        "https://airflow..example",
        "https://..",
        f"https://{'a' * 64}.example",
        "https://[::::]",
        "https://[1]",
    ],
)
def test_any_other_address_is_refused_unquoted(url: str) -> None:
    assert refusal({"airflow_url": url}) == (
        "--airflow-url must be an http or https URL without credentials, query and fragment, such as "
        "https://airflow.example.com."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"airflow_username": "u", "airflow_url": URL}, "airflow_username is set without airflow_password: set both."),
        ({"airflow_password": "p", "airflow_url": URL}, "airflow_password is set without airflow_username: set both."),
        (
            {"airflow_username": "u", "airflow_password": "p", "airflow_token": "t", "airflow_url": URL},
            "airflow_username, airflow_password and airflow_token are set: set either airflow_token, or "
            "airflow_username and airflow_password.",
        ),
        (
            {"airflow_username": "u", "airflow_token": "t", "airflow_url": URL},
            "airflow_username and airflow_token are set: set either airflow_token, or airflow_username and "
            "airflow_password.",
        ),
        (
            {"airflow_username": "u", "airflow_password": "p"},
            "airflow_username and airflow_password need airflow_url, the address of Airflow's API: set it as well.",
        ),
        ({"airflow_token": "t"}, "airflow_token needs airflow_url, the address of Airflow's API: set it as well."),
    ],
)
def test_options_that_make_no_sense_together_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(**options)
    assert str(caught.value) == message


def test_the_secrets_have_no_flag_and_no_repr_shows_them() -> None:
    secret = [each.name for each in OPTIONS if each.kind.secret]
    assert secret == ["token", "airflow_password", "airflow_token"]
    shown = repr(Settings(airflow_url=URL, airflow_username="robot", airflow_password="hunter2"))
    assert "airflow_username='robot', airflow_password='***', airflow_token=None" in shown
    shown = repr(Settings(airflow_url=URL, airflow_token="hunter2"))
    assert "airflow_password=None, airflow_token='***'" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("name", ["airflow_password", "airflow_token"])
def test_a_bad_secret_is_refused_unquoted(name: str) -> None:
    variable = f"DAGRUN_API_{name.upper()}"
    message = refusal({}, {variable: "hunter2\x07"})
    assert message.startswith(f"{variable} must be ")
    assert "hunter2" not in message
