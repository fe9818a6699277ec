"""Settings files for tests, and the error that bad settings give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings

__all__ = ["Writer", "refusal"]

Writer = Callable[[str, str], Path]
"""A function that writes a file with this name and text, and returns its path."""


def refusal(flags: dict[str, object] | None = None, environ: dict[str, str] | None = None) -> str:
    """Return the error that these settings give."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(flags or {}, environ or {})
    return str(caught.value)
