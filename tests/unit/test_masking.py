"""Tokens in text that a log or an answer is about to show."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote

import pytest

from dagrun_api.settings import AccessToken, Settings
from dagrun_api.web.masking import Mask

LONG = "aB3+/xyz-0123456789_~ZW=="
MIDDLE = "zwölf-'\\%41"
SHORT = "dags"
HASHED = "1f0c-9b2e-77d4-aa10"

MASK = Mask(
    Settings(
        token=LONG,
        tokens=(
            AccessToken(name="a", token=MIDDLE),
            AccessToken(name="b", token=SHORT),
            AccessToken(name="c", sha256=sha256(HASHED.encode()).hexdigest()),
            AccessToken(name="d", token=LONG + "-and-more"),
        ),
    )
)


def percent_encoded(token: str) -> str:
    return quote(token)


def encoded_twice(token: str) -> str:
    return quote(quote(token))


def in_hexadecimal(token: str) -> str:
    return "".join(f"%{byte:02x}" for byte in token.encode())


@pytest.mark.parametrize("token", [LONG, MIDDLE, LONG + "-and-more"])
@pytest.mark.parametrize("encode", [str, percent_encoded, encoded_twice, in_hexadecimal, ascii])
def test_a_token_is_masked_in_every_spelling(token: str, encode: Callable[[str], str]) -> None:
    spelled = encode(token).strip("'\"")
    assert MASK.address(f"/api/v1/{spelled}/x?a={spelled}") == "/api/v1/***/x?a=***"
    assert MASK.text(f"Dag id x{spelled} not found") == "Dag id x*** not found"


def test_a_plus_that_was_read_as_a_space_is_masked() -> None:
    assert MASK.text(f"limit must be a number, not '{LONG.replace('+', ' ')}'.") == "limit must be a number, not '***'."


@pytest.mark.parametrize("length", [len(LONG) - 1, len(LONG) // 2])
def test_a_long_token_that_was_cut_is_masked(length: int) -> None:
    assert MASK.text(f"Unknown key '{LONG[:length]}...'; send another.") == "Unknown key '***'; send another."


def test_a_short_token_is_masked_as_a_whole_word_only() -> None:
    assert MASK.address("/api/v1/dags?prefix=dags_1") == "/api/v1/***?prefix=dags_1"


@pytest.mark.parametrize("spelled", [HASHED, in_hexadecimal(HASHED)])
def test_a_token_that_is_stored_as_a_digest_is_masked(spelled: str) -> None:
    assert MASK.address(f"/{spelled}/x?prefix={spelled}&dag_id=hello") == "/***/x?prefix=***&dag_id=hello"
    assert MASK.text(f"not '{spelled}'") == "not '***'"


@pytest.mark.parametrize("name", ["token", "access_token", "api-key", "Authorization", "PASSWORD", "client_secret"])
def test_a_parameter_that_is_named_like_a_secret_is_masked(name: str) -> None:
    assert Mask(Settings()).address(f"/x?a=1&{name}=anything;b=2#c") == f"/x?a=1&{name}=***;b=2#c"


def test_other_text_stays_as_it_is() -> None:
    for text in ("", "/api/v1/dag_runs/etl_0000001_2017-09-01T12:00:00?dag_id=a%20b", "limit must be at most 100."):
        assert MASK.address(text) == MASK.text(text) == Mask(Settings()).text(text) == text
