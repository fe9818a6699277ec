"""Modules that Python imports only when they are first needed, which may be when no more files can be opened.

A codec that cannot be imported then stays unknown for as long as the process lives.
"""

from __future__ import annotations

import codecs
import importlib
from importlib.metadata import version

__all__ = ["preload"]

_CODECS = ("ascii", "idna", "latin-1", "punycode", "unicode_escape", "utf-8", "utf-8-sig")
"""Those of host names, of headers and of what the log escapes. Bodies are UTF-8, whatever their charset says."""

_MODULES = ("concurrent.futures.thread", "stringprep", "unicodedata")


def preload() -> None:
    """Import what may be needed later."""
    for codec in _CODECS:
        codecs.lookup(codec)
    for module in _MODULES:
        importlib.import_module(module)
    # The metrics show versions; newer Pythons import a part of the library only when it first reads one.
    version("dagrun-api")
