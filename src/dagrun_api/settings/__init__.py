"""Everything that an operator can set, and the tokens that clients hold."""

from __future__ import annotations

from dagrun_api.settings.rights import Rights
from dagrun_api.settings.settings import OPTIONS, Settings
from dagrun_api.settings.sources import TOKEN_KEY, TOKEN_VARIABLES
from dagrun_api.settings.tokens import AccessToken

__all__ = ["OPTIONS", "TOKEN_KEY", "TOKEN_VARIABLES", "AccessToken", "Rights", "Settings"]
