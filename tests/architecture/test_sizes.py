"""The shape of the code that a reader relies on: small parts, our own packages, and a complete table of contents."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from application.catalogue import Catalogue

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "application", "adapters", "entrypoints")
FUNCTION_LINES_MAX = 50
MODULE_LINES_MAX = 400


def modules() -> list[Path]:
    """Every Python file of the four packages; migrations too, since people read them when an upgrade fails."""
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of each function, its docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
            documented = 0 if docstring is None else (docstring.end_lineno or 0) - docstring.lineno + 1
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - documented


def test_the_search_finds_every_package() -> None:
    """An empty search would make every other test here pass."""
    found = {path.relative_to(ROOT).parts[0] for path in modules()}

    assert set(PACKAGES) == found


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """At most 400 lines a module."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}

    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES_MAX} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    """At most 50 lines a function."""
    lengths = {f"{path.relative_to(ROOT)}:{name}": lines for path in modules() for name, lines in functions(path)}

    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_that_are_imported_are_ours(package: str) -> None:
    """Their names are plain, and two of them are also names of published packages: a dependency must not shadow ours."""
    imported = Path(importlib.import_module(package).__file__ or "").resolve()

    assert ROOT / package / "__init__.py" == imported


def test_the_catalogue_names_every_use_case_and_query() -> None:
    """One file, one handler, one line in the catalogue, of the same name."""
    files = {path.stem for folder in ("use_cases", "queries") for path in (ROOT / "application" / folder).glob("[!_]*.py")}

    assert files == {field.name for field in fields(Catalogue)}


@pytest.mark.parametrize("field", fields(Catalogue), ids=lambda field: str(field.name))
def test_a_handler_is_named_as_its_file(field: Field[Any]) -> None:
    """``verb_noun.py`` holds ``VerbNounHandler``."""
    handler = "".join(part.capitalize() for part in field.name.split("_")) + "Handler"

    assert handler == getattr(field.type, "__name__", field.type)
