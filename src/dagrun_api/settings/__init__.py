"""Everything an operator can set, and the tokens that clients hold."""

from __future__ import annotations

from dagrun_api.settings.settings import OPTIONS, TOKEN_KEY, TOKEN_VARIABLES, Settings

__all__ = ["OPTIONS", "TOKEN_KEY", "TOKEN_VARIABLES", "Settings"]
