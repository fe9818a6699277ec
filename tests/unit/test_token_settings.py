"""Several tokens at once, from the file and from a host application."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from dagrun_api.settings.tokens import AccessToken

SECRET = "hunter2"
DIGEST = sha256(SECRET.encode()).hexdigest()

FILE = f"""
[airflow_api_plugin]
airflow_api_auth = old-one
[token:etl-nightly]
token = p%40rt=1;#2
dags = etl_*,
    other_dag
[token:dashboard]
sha256 = {DIGEST}
access = read
"""


def load(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    path = tmp_path / "a.ini"
    path.write_text(text, "utf-8")
    return Settings.load({"config": path}, environ or {})


def test_each_token_section_is_a_token(tmp_path: Path) -> None:
    settings = load(tmp_path, FILE)
    assert settings.token == "old-one"
    assert settings.tokens == (
        AccessToken(name="etl-nightly", token="p%40rt=1;#2", dags=("etl_*", "other_dag")),
        AccessToken(name="dashboard", sha256=DIGEST, access="read"),
    )
    assert settings.token_file == tmp_path / "a.ini"


def test_a_file_may_contain_only_tokens(tmp_path: Path) -> None:
    settings = load(tmp_path, "[token:a]\ntoken = x\n")
    assert settings.is_guarded
    assert settings.token is None
    assert not Settings().is_guarded
    assert Settings(token="x").is_guarded


def test_tokens_of_the_environment_and_the_file_add_up(tmp_path: Path) -> None:
    settings = load(tmp_path, FILE, {TOKEN_VARIABLES[1]: "new-one"})
    assert (settings.token, len(settings.tokens)) == ("new-one", 2)


def test_only_a_file_with_tokens_is_the_token_file(tmp_path: Path) -> None:
    assert load(tmp_path, "[dagrun_api]\nport = 1\n").token_file is None
    assert load(tmp_path, "[airflow_api_plugin]\nairflow_api_auth = x\n").token_file is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[token:a]\n", "In [token:a] of {path}: The token a must have either token or sha256, and not both."),
        ("[token:a]\ntoken =\n", "In [token:a] of {path}: token of the token a must be one word of printable"),
        ("[token:a]\ntoken = hunter2 hunter2\n", "must be one word of printable characters, and not blank."),
        ("[token:a]\nsha256 = hunter2\n", "sha256 of the token a must be the 64 hexadecimal digits"),
        ("[token:a]\ntoken = hunter2\naccess = admin\n", "access of the token a must be one of read, write"),
        ("[token:a]\ntoken = hunter2\naccess =\n", "access of the token a must be one of read, write"),
        ("[token:a]\ntoken = hunter2\ndags =\n", "dags of the token a must be DAG ids or shell patterns"),
        ("[token:a]\ntoken = hunter2\ndags = x,,y\n", "dags of the token a must be DAG ids"),
        ("[token:a]\ntoken = hunter2\ndag = x\n", "Key dag in [token:a] of {path} is unknown; did you mean dags?"),
        ("[token:a]\ntokn = hunter2\n", "Key tokn in [token:a] of {path} is unknown; did you mean token?"),
        ("[token:a]\nmy_token = hunter2\n", "Key my_token in [token:a] of {path} is unknown; did you mean token?"),
        ("[token:]\ntoken = hunter2\n", "In [token:] of {path}: The name of a token must be"),
        ("[token:default]\ntoken = hunter2\n", "and not default, which is the name of airflow_api_auth"),
        ("[token: a]\ntoken = hunter2\n", "The name of a token must be"),
        ("[token:a]\ntoken = hunter2\n[token:a]\ntoken = x\n", "(line 3): the section 'token:a' appears twice"),
        ("[token:a]\ntoken = hunter2\ntoken = x\n", "(line 3): the key 'token' appears twice"),
        ("[token:a]\ntoken = hunter2\n[token:b]\ntoken = hunter2\n", "The tokens a and b are the same"),
        (f"[token:a]\ntoken = hunter2\n[token:b]\nsha256 = {DIGEST}\n", "The tokens a and b are the same"),
        (
            "[airflow_api_plugin]\nairflow_api_auth = hunter2\n[token:b]\ntoken = hunter2\n",
            "The tokens default and b are the same",
        ),
    ],
)
def test_the_error_names_the_section_and_shows_no_secret(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert said.format(path=tmp_path / "a.ini") in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("section", ["token", "tokens", "Token:a", "token a", "tokens:a", "token-a"])
def test_a_misspelled_section_is_refused(tmp_path: Path, section: str) -> None:
    with pytest.raises(ConfigurationError, match=r"it must be spelled \[token:NAME\]"):
        load(tmp_path, f"[dagrun_api]\nport = 1\n[{section}]\ntoken = hunter2\n")


def test_a_host_application_passes_access_tokens() -> None:
    tokens = (AccessToken(name="a", token="x"), AccessToken(name="b", token="y"))
    assert Settings(tokens=tokens).tokens == tokens
    with pytest.raises(ConfigurationError, match="Two tokens have the name a"):
        Settings(tokens=(tokens[0], AccessToken(name="a", token="z")))
    with pytest.raises(ConfigurationError, match="The tokens default and b are the same"):
        Settings(token="y", tokens=tokens)


def test_tokens_are_never_shown() -> None:
    settings = Settings(tokens=(AccessToken(name="a", token=SECRET), AccessToken(name="b", sha256="0" * 64)))
    assert "name='a', token='***'" in repr(settings)
    assert SECRET not in f"{settings!r} {settings}"
    assert "0000" not in repr(settings)
