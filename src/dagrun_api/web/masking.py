"""Tokens that a client sends in the wrong place, such as an address: neither a log nor an answer repeats them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from dagrun_api.settings import Settings
from dagrun_api.settings.tokens import digest

__all__ = ["Mask"]

_MASK = "***"

# A name ends at the next mark, so that each character of an address without any value is looked at only once.
_PARAMETER = re.compile(r"([?&;])([^=?&;]*)=([^&;]*)")

_SECRET = ("auth", "key", "pass", "secret", "token")
"""A parameter with one of these in its name loses its value. The API has no such parameter, but clients try."""

_SHORT = 8
"""A token with fewer characters is masked as a whole word only: its letters may be part of any other word."""

_LONG = 16
"""A token with at least as many characters is masked as soon as half of it is there: errors cut long values."""

_WORD = re.compile(rf"[^\s/?&;'\"]{{{_LONG},}}")
"""What may be a token of which only the digest is known. Such a token is long."""


class Mask:
    """Replaces the tokens in the settings of one application by three asterisks."""

    def __init__(self, settings: Settings) -> None:
        texts = [each.token for each in settings.tokens if each.token is not None]
        texts += [settings.token] if settings.token is not None else []
        # The longest first: another token may be the beginning of it.
        patterns = map(_pattern, sorted(texts, key=len, reverse=True))
        self._tokens = re.compile("|".join(patterns)) if texts else None
        self._digests = frozenset(each.digest for each in settings.tokens if each.token is None)

    def address(self, address: str) -> str:
        """Return a path, with or without a query, as a log may show it."""
        return self.text(_PARAMETER.sub(_without_secret, address))

    def text(self, text: str) -> str:
        """Return any text as a log or an answer may show it."""
        if self._tokens is not None:
            text = self._tokens.sub(_MASK, text)
        return _WORD.sub(self._without_token, text) if self._digests else text

    def _without_token(self, word: re.Match[str]) -> str:
        name, equals, value = word[0].partition("=")
        if digest(unquote(word[0])) in self._digests:
            return _MASK
        return f"{name}={_MASK}" if equals and digest(unquote(value)) in self._digests else word[0]


def _without_secret(parameter: re.Match[str]) -> str:
    mark, name, value = parameter.groups()
    return f"{mark}{name}={_MASK if any(word in name.lower() for word in _SECRET) else value}"


def _pattern(token: str) -> str:
    characters = [_character(each) for each in token]
    if len(token) < _SHORT:
        return rf"(?<!\w){''.join(characters)}(?!\w)"
    if len(token) < _LONG:
        return "".join(characters)
    half = len(token) // 2
    return rf"{''.join(characters[:half])}(?:{''.join(characters[half:])}|[^\s/?&;'\"]*)"


def _character(character: str) -> str:
    """Return a pattern for a character: as it is, as an error quotes it, or percent-encoded, even twice."""
    forms = {character, ascii(character)[1:-1]}
    if character == "+":
        # A query string means a space by it.
        forms.add(" ")
    encoded = "".join(f"%(?:25)?{byte:02x}" for byte in character.encode())
    return f"(?:{'|'.join(map(re.escape, sorted(forms)))}|(?i:{encoded}))"
