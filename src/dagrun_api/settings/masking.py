"""Masking the passwords in a database URL."""

from __future__ import annotations

from urllib.parse import unquote

__all__ = ["masked"]


def masked(url: str) -> str:
    """Return the URL without its passwords, even if it is so malformed that it is unclear where they end."""
    scheme, separator, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    user, colon, _ = account.partition(":")
    path, question, query = (f"{user}:***@{place}" if colon else account + at + place).partition("?")
    return scheme + separator + path + question + "&".join(_masked_parameter(each) for each in query.split("&"))


def _masked_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    is_secret = any(word in unquote(name).lower() for word in ("pass", "pwd", "secret", "token"))
    return f"{name}=***" if is_secret and equals else parameter
