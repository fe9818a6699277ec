"""The token and passwords: their sources, and that they are never shown."""

from __future__ import annotations

from itertools import combinations

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from tests.unit.reading import Writer, refusal

SEED_SPELLING, REGULAR_SPELLING, OWN_SPELLING = TOKEN_VARIABLES


# --- the token ---


@pytest.mark.parametrize("variable", TOKEN_VARIABLES)
def test_each_variable_sets_the_token(variable: str) -> None:
    assert Settings.load({}, {variable: "s3cret"}).token == "s3cret"


def test_the_token_in_the_environment_wins_over_the_file(write: Writer) -> None:
    path = write("a.ini", "[airflow_api_plugin]\nairflow_api_auth=from%file\n")
    assert Settings.load({"config": path}, {}).token == "from%file"
    for variable in TOKEN_VARIABLES:
        assert Settings.load({"config": path}, {variable: "other"}).token == "other"


def test_the_variables_must_not_hold_different_tokens() -> None:
    assert Settings.load({}, dict.fromkeys(TOKEN_VARIABLES, "a")).token == "a"
    for one, other in combinations(TOKEN_VARIABLES, 2):
        message = refusal({}, {one: "aaaa", other: "bbbb"})
        assert message == f"{one} and {other} are set to different tokens: set only one of them."
    assert "aaaa" not in refusal({}, {SEED_SPELLING: "aaaa", REGULAR_SPELLING: "bbbb", OWN_SPELLING: "cccc"})


@pytest.mark.parametrize("token", ["", " ", "\t", "two words", "s3cret\n", " s3cret", "s3cret\x7f", "s3cret\u200b"])
def test_a_blank_or_unprintable_token_is_refused_unquoted(token: str) -> None:
    message = refusal({}, {SEED_SPELLING: token})
    assert message == f"{SEED_SPELLING} must be one word of printable characters, and not blank."
    with pytest.raises(ConfigurationError, match=r"^token must be one word"):
        Settings(token=token)


def test_a_blank_token_in_a_file_is_refused(write: Writer) -> None:
    path = write("a.ini", "[airflow_api_plugin]\nairflow_api_auth =\n")
    assert refusal({"config": path}).startswith(f"airflow_api_auth in [airflow_api_plugin] of {path} must be ")


def test_the_token_is_not_an_ordinary_option(write: Writer) -> None:
    path = write("a.ini", "[dagrun_api]\ntoken = s3cret\n")
    for message in (
        refusal({"token": "s3cret"}),
        refusal({}, {"DAGRUN_API_AUTH_TOKEN": "s3cret"}),
        refusal({"config": path}),
    ):
        assert f"set the token as airflow_api_auth in [airflow_api_plugin] or as {REGULAR_SPELLING}" in message
        assert "s3cret" not in message


# --- secrets are never shown ---


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


def test_the_error_for_a_bad_url_does_not_quote_it() -> None:
    assert "hunter2" not in refusal({"database": "u:hunter2@h/db"})
