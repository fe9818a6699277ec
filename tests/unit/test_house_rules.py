"""Rules that no type checker knows: nothing is unpickled or run, no constraint is named, the backends are twins."""

from __future__ import annotations

import ast
import re
from collections import Counter
from configparser import ConfigParser
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parent.parent.parent
SOURCES = [*(ROOT / "src").rglob("*.py"), *(ROOT / "backends").rglob("*.py")]


def test_pickle_is_known_to_one_module_which_only_writes() -> None:
    importers: set[str] = set()
    used: set[str] = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                if any(
                    name.split(".")[0] in ("pickle", "_pickle", "cPickle", "dill", "shelve", "marshal")
                    for name in names
                ):
                    importers.add(path.name)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "pickle":
                used.add(node.attr)
    assert len(SOURCES) > 30
    assert (importers, used) == ({"conf.py"}, {"dumps"})


def test_nothing_is_evaluated_or_unpickled() -> None:
    functions = {"eval", "exec", "compile", "__import__", "Unpickler", "system", "popen", "unsafe_load", "full_load"}
    modules = {"pickle", "_pickle", "dill", "shelve", "marshal", "yaml", "jsonpickle", "cloudpickle", "joblib"}
    modules |= {"subprocess", "runpy", "code", "ctypes", "xml", "jinja2", "pandas", "numpy"}
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in functions:
                    found.add(f"{path.name}: {name}")
                # Regular expressions are compiled, too.
                case ast.Attribute(attr=name) if name in functions - {"compile"}:
                    found.add(f"{path.name}: {name}")
                case ast.Import(names=names):
                    found |= {f"{path.name}: {each.name}" for each in names if each.name.split(".")[0] in modules}
                case ast.ImportFrom(module=str(module)) if module.split(".")[0] in modules:
                    found.add(f"{path.name}: {module}")
                case _:
                    pass
    assert found == {"conf.py: pickle"}


def test_no_statement_names_a_constraint_which_airflow_may_widen() -> None:
    statements = [path.read_text().upper() for path in (ROOT / "backends").rglob("*.sql")]
    assert len(statements) == 6
    for text in statements:
        assert "ON CONSTRAINT" not in text
        assert "ON CONFLICT (" not in text


def test_both_dialects_have_the_same_statements() -> None:
    files = sorted((ROOT / "backends").rglob("queries.sql"))
    names = [
        [line for line in path.read_text().splitlines() if line.startswith("-- ") and line[3:].isidentifier()]
        for path in files
    ]
    assert names[0] == names[1]
    assert len(names[0]) > 15


def test_sql_stands_only_in_its_files_and_modules() -> None:
    begins_sql = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|PRAGMA|BEGIN|COMMIT|ROLLBACK|SET LOCAL)\b")
    found = {
        path.name
        for path in [*(ROOT / "backends").rglob("*.py"), *(ROOT / "src/dagrun_api/sqlstore").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and begins_sql.match(node.value)
    }
    assert found == {"statements.py"}


def test_the_backends_have_the_same_modules() -> None:
    postgres, sqlite = (
        {path.name for path in (ROOT / "backends" / name).iterdir() if path.is_file()}
        for name in ("dagrun_api_postgres", "dagrun_api_sqlite")
    )
    assert postgres - sqlite == {"pooler.py", "sharing.py"}
    assert sqlite - postgres == {"file.py", "timestamps.py"}


def test_each_package_is_named_in_the_setup() -> None:
    """An installed service lacks one that is not."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    found = {
        ".".join(path.parent.relative_to(folder).parts)
        for folder in (ROOT / "src", ROOT / "backends")
        for path in folder.rglob("__init__.py")
    }
    assert setup["options"]["packages"].split() == sorted(found)


def test_connections_have_the_methods_of_the_protocol() -> None:
    protocol = methods(ROOT / "src/dagrun_api/sqlstore/dialect.py")
    for backend in ("dagrun_api_postgres", "dagrun_api_sqlite"):
        found = methods(ROOT / "backends" / backend / "connections.py")
        for name in ("Connection", "Connections"):
            assert [method for method in found[name] if method in protocol[name]] == protocol[name]


def methods(path: Path) -> dict[str, list[str]]:
    """Return the names of the methods of each class."""
    return {
        node.name: [each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    }


def test_names_of_tests_are_short_and_their_files_are_unique() -> None:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    names = [node.name for path in files for node in ast.walk(ast.parse(path.read_text())) if is_test(node)]
    assert len(names) > 800
    assert [name for name in names if len(name) > 60] == []
    assert [name for name, count in Counter(path.name for path in files).items() if count > 1] == []


def is_test(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
