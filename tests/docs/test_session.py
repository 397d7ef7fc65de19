"""The runner of the pages notices what is wrong in a page: otherwise all pages would be right."""

from pathlib import Path

import pytest

from tests.docs.forms import mistakes
from tests.docs.pages import Block, blocks
from tests.docs.session import PageFailed, run


def console(*lines: str) -> Block:
    """A block of a page."""
    return Block("console", lines, 1)


@pytest.mark.parametrize(
    "lines",
    [
        ("$ false",),
        ("$ no-such-command",),
        ("$ echo one", "two"),
        ("$ echo one", "one more"),
        ("$ printf 'one\\ntwo\\n'", "two", "one"),
        ("$ true", "something"),
    ],
)
def test_a_page_that_is_wrong_fails(lines: tuple[str, ...], tmp_path: Path) -> None:
    """A command that fails, and output that is not printed, or not in this order."""
    with pytest.raises(PageFailed):
        run([console(*lines)], tmp_path, {})


@pytest.mark.parametrize(
    "lines",
    [
        ("$ echo one", "one"),
        ("$ printf 'a\\tb  c\\n'", "a b c"),
        ("$ printf 'one\\ntwo\\nthree\\n'", "…", "three"),
        ("$ echo id 17 at noon", "id … at noon"),
        ("$ export NAME=kept", "$ echo $NAME", "kept"),
        ("$ echo \\", "> joined", "joined"),
    ],
)
def test_a_page_that_is_right_passes(lines: tuple[str, ...], tmp_path: Path) -> None:
    """White space does not matter, an ellipsis stands for anything, and one command finds what another left."""
    run([console(*lines)], tmp_path, {})


def test_a_file_of_a_page_is_there_for_its_commands(tmp_path: Path) -> None:
    """A reader saves it first."""
    run([Block("yaml", ("a: 1",), 1, "file", "folder/a.yaml"), console("$ cat folder/a.yaml", "a: 1")], tmp_path, {})


def test_the_blocks_of_a_page_are_found_with_their_marks(tmp_path: Path) -> None:
    """A mark stands on the line before its block."""
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: a.yaml -->\n```yaml\na: 1\n```\n\n<!-- form -->\n```sh\nls\n```\n\n```console\n$ ls\n```\n", encoding="utf-8"
    )

    found = [
        (block.mark, block.file, [command.text for command in block.commands()] if block.holds_commands else []) for block in blocks(page)
    ]

    assert found == [("file", "a.yaml", []), ("form", "", ["ls"]), ("", "", ["ls"])]


@pytest.mark.parametrize(
    "command",
    [
        "billhook order list",
        "billhook orders list --no-such-option",
        "BILLHOOK_DATA_DIR=x billhook verfy",
        "billhook verify && billhook nothing",
        "make nothing",
        "make test NOTHING=1",
        "docker compose up -d nothing",
        "docker compose run --rm billhook orders lst",
        "until billhook nothing; do sleep 1; done",
        "apt-get install something",
    ],
)
def test_a_command_that_does_not_exist_is_a_mistake(command: str) -> None:
    """Whatever it is part of."""
    assert list(mistakes(command))


@pytest.mark.parametrize(
    "command",
    [
        "billhook orders list --not-invoiced --json | grep 90001",
        "billhook deliveries retry dlv_17 --reason 'address corrected'   # it did not arrive",
        'make test ARGS="tests/unit -k money" JOBS=0',
        "docker compose up -d --scale worker=4",
        "BILLHOOK_DATA_DIR=x .venv/bin/billhook verify --json",
    ],
)
def test_a_command_that_exists_is_none(command: str) -> None:
    """With the options that the code takes."""
    assert list(mistakes(command)) == []
