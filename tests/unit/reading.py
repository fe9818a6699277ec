"""Files of settings for a test, and what is said of those that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings

__all__ = ["Writer", "refusal"]

Writer = Callable[[str, str], Path]
"""Write a file of this name with this text; gives its path."""


def refusal(flags: dict[str, object] | None = None, environ: dict[str, str] | None = None) -> str:
    """Return why these are refused."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(flags or {}, environ or {})
    return str(caught.value)
