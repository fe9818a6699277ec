"""The URL of a file."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from dagrun_api.errors import ConfigurationError

__all__ = ["path_of"]

_DRIVER_ONLY = ("cached_statements", "check_same_thread", "detect_types", "isolation_level", "timeout")
"""Parameters for Python's own driver that change nothing here; an airflow.cfg may have them."""


def path_of(url: str) -> Path:
    """Return the path of the file; raises `ConfigurationError`."""
    scheme, _, rest = url.partition("://")
    location, _, query = rest.partition("?")
    path = unquote(location)
    if not path.startswith("/") or path == "/" or "\0" in path or path[1:].startswith(":memory:"):
        raise ConfigurationError(
            f"{scheme} needs a file: sqlite:///relative/path.db or sqlite:////absolute/path.db (not in memory, where "
            "each connection would have its own database)."
        )
    names = [part.partition("=")[0] for part in query.split("&") if part]
    unknown = [name for name in names if name not in _DRIVER_ONLY]
    if unknown:
        # Only what is certainly a name is shown.
        shown = ", ".join(name for name in unknown if re.fullmatch(r"\w{1,30}", name) and f"{name}=" in query)
        raise ConfigurationError(f"The database URL has a parameter that is unknown here{shown and f' ({shown})'}.")
    return Path(path[1:])
