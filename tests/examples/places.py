"""The examples, and how a test loads one as a module."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["EXAMPLES", "loaded"]

EXAMPLES = Path(__file__).parent.parent.parent / "config" / "examples"


def loaded(name: str) -> ModuleType:
    """Return the example with this name as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
