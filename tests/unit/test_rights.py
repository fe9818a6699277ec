"""Access tokens and the rights that they give."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from dagrun_api.errors import ConfigurationError, Forbidden
from dagrun_api.settings.rights import EVERYBODY, Rights
from dagrun_api.settings.tokens import AccessToken, digest

SECRET = "hunter2"
DIGEST = sha256(SECRET.encode()).hexdigest()


@dataclass(frozen=True)
class Item:
    dag_id: str | None


@pytest.mark.parametrize(
    ("patterns", "dag_id", "covered"),
    [
        (("*",), "anything", True),
        (("etl_*",), "etl_a", True),
        (("etl_*",), "etl_", True),
        (("etl_*",), "etl", False),
        (("etl_*",), "ETL_a", False),
        (("etl_*",), "my_etl_a", False),
        (("etl_*", "other"), "other", True),
        (("etl_*", "other"), "other2", False),
        (("a?",), "ab", True),
        (("a[0-9]",), "a7", True),
        (("a[0-9]",), "ab", False),
        (("a.b",), "axb", False),
        (("etl_*",), "etl_\nx", True),
        (("etl",), "etl\n", False),
        (("*", "x"), "y", True),
    ],
)
def test_rights_cover_the_dags_that_match_a_pattern(patterns: tuple[str, ...], dag_id: str, covered: bool) -> None:
    rights = Rights("t", dags=patterns)
    assert rights.covers(dag_id) is covered
    assert rights.visible([Item(dag_id)]) == ([Item(dag_id)] if covered else [])


def test_a_row_without_a_dag_needs_access_to_all_dags() -> None:
    assert EVERYBODY.visible([Item(None)]) == [Item(None)]
    assert Rights("t", dags=("a*",)).visible([Item(None), Item("a")]) == [Item("a")]


def test_a_refusal_says_what_is_allowed_and_what_to_do() -> None:
    rights = Rights("nightly", may_write=False, dags=("etl_*", "other"))
    with pytest.raises(Forbidden, match=r"nightly may only read.*access = write"):
        rights.require_write()
    with pytest.raises(Forbidden, match=r"nightly is for the DAGs etl_\*, other only: add \?dag_id="):
        rights.require_dag(None)
    with pytest.raises(
        Forbidden, match=r"nightly is for the DAGs etl_\*, other only, not for 'secret_dag': name one of"
    ):
        rights.require_dag("secret_dag")
    rights.require_dag("other")
    EVERYBODY.require_write()
    EVERYBODY.require_dag(None)


def test_a_token_may_be_given_as_its_digest() -> None:
    plain, hashed = AccessToken(name="a", token=SECRET), AccessToken(name="a", sha256=DIGEST.upper())
    assert plain.digest == hashed.digest == digest(SECRET)


def test_bytes_that_are_not_text_have_distinct_digests() -> None:
    assert len({digest("a?"), digest("a\ufffd"), digest("a\udce9"), digest("a\udcff")}) == 4


def test_a_token_without_limits_gives_full_rights() -> None:
    assert AccessToken(name="a", token=SECRET).rights == Rights("a", may_write=True, dags=("*",))
    reader = AccessToken(name="b", token=SECRET, access=" READ ", dags=("x", "y_*"))
    assert reader.rights == Rights("b", may_write=False, dags=("x", "y_*"))


@pytest.mark.parametrize("made", [AccessToken(name="a", token=SECRET), AccessToken(name="a", sha256=DIGEST)])
def test_a_token_is_never_shown(made: AccessToken) -> None:
    assert repr(made) == "AccessToken(name='a', token='***', access='write', dags=('*',))"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "name of a token must be"),
        ({"name": "default"}, "and not default"),
        ({"name": "-"}, "name of a token must be"),
        ({"name": "a b"}, "name of a token must be"),
        ({"name": "a\n"}, "name of a token must be"),
        ({"name": "x" * 65}, "name of a token must be"),
        ({"token": None}, "either token or sha256"),
        ({"sha256": DIGEST}, "either token or sha256"),
        ({"token": ""}, "token of the token a must be one word of printable characters, and not blank."),
        ({"token": "two words"}, "must be one word"),
        ({"token": None, "sha256": ""}, "64 hexadecimal digits"),
        ({"token": None, "sha256": SECRET}, "64 hexadecimal digits"),
        ({"token": None, "sha256": DIGEST[:-1]}, "64 hexadecimal digits"),
        ({"access": "admin"}, "access of the token a must be one of read, write, not 'admin'."),
        ({"dags": ()}, "dags of the token a must be"),
        ({"dags": ("a", "")}, "dags of the token a must be"),
        ({"dags": ("a b",)}, "dags of the token a must be"),
    ],
)
def test_a_bad_token_is_refused_without_quoting_it(given: dict[str, Any], said: str) -> None:
    whole: dict[str, Any] = {"name": "a", "token": SECRET} | given
    with pytest.raises(ConfigurationError) as caught:
        AccessToken(**whole)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert DIGEST[:-1] not in str(caught.value)


@pytest.mark.parametrize("patterns", ["etl_*", "*", "", b"etl_*", ("etl_*", 7), None])
def test_patterns_must_be_a_sequence_of_strings(patterns: Any) -> None:
    with pytest.raises(ValueError, match="tuple of patterns"):
        Rights("t", dags=patterns)
    with pytest.raises(ConfigurationError, match="dags of the token t"):
        AccessToken(name="t", token=SECRET, dags=patterns)


@pytest.mark.parametrize("name", ["", "a\nb", "\x1b[31m", "a" * 251, "a\u202eb"])
def test_a_name_must_be_safe_to_log(name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        Rights(name)


def test_a_host_application_may_say_user_instead_of_token() -> None:
    with pytest.raises(Forbidden, match=r"^The user J\xf6rg Z is for the DAGs x only, .* use another user\.$"):
        Rights("J\xf6rg Z", dags=("x",), kind="user").require_dag("y")
    with pytest.raises(Forbidden, match=r"^This user may only read"):
        Rights(may_write=False, kind="user").require_write()
