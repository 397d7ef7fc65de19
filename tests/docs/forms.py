"""The form of a command: that it exists, and takes these options."""

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import dropwhile
from typing import Any

import typer
import yaml

from entrypoints.cli.main import app
from tests.docs.pages import ROOT

# What else a reader types; each is a command of the system.
SYSTEM_COMMANDS = frozenset(
    """
    cat cd cp echo export git grep head kill ls mkdir openssl pg_dump pg_restore python3 sleep wait
    """.split()
)
_SHELL_WORDS = frozenset({"until", "while", "do", "done"})


@cache
def root() -> Any:
    """The command line, as typer made it."""
    return typer.main.get_command(app)


def mistakes(command: str) -> Iterator[str]:
    """What is wrong with a line that a reader types; several commands may be joined with `&&`, `|` or `;`."""
    for typed in _simple_commands(command):
        words = list(dropwhile(lambda word: word in _SHELL_WORDS or re.match(r"^[A-Z][A-Z_0-9]*=", word), typed))
        if words:
            yield from _mistakes_of(words)


def _simple_commands(command: str) -> Iterator[list[str]]:
    # A heredoc's text is data.
    lexer = shlex.shlex(command.replace("\\\n", " ").split("<<")[0], posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("|&;"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _mistakes_of(words: Sequence[str]) -> Iterator[str]:
    program = words[0]
    if program.rpartition("/")[2] == "billhook":
        yield from billhook_mistakes(words[1:])
    elif program == "make":
        yield from make_mistakes(words[1:])
    elif program == "docker":
        yield from docker_mistakes(words[1:])
    elif program not in SYSTEM_COMMANDS:
        yield f"{program!r} is no command these pages may use"


def billhook_mistakes(words: Sequence[str]) -> Iterator[str]:
    """What is wrong with the arguments of `billhook`."""
    command: Any = root()
    path = "billhook"
    rest = list(words)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        word = rest.pop(0)
        if word not in command.commands:
            yield f"{path!r} has no command {word!r}"
            return
        command, path = command.commands[word], f"{path} {word}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h", "--debug"}
    for word in rest:
        option = word.partition("=")[0]
        if re.match(r"^--?[a-z]", option) and option not in known:
            yield f"{path!r} has no option {option!r}"


def make_mistakes(words: Sequence[str]) -> Iterator[str]:
    """What is wrong with the arguments of `make`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in words:
        name, is_variable, _ = word.partition("=")
        if not re.search(rf"^{re.escape(name)}\s*{r'[?:]?=' if is_variable else ':'}", makefile, re.MULTILINE):
            yield f"the Makefile has no {name!r}"


# Options of docker that these pages use, with the number of values each takes.
_DOCKER_OPTIONS = {
    "-d": 0,
    "--rm": 0,
    "-T": 0,
    "--build": 0,
    "-f": 1,
    "-t": 1,
    "--scale": 1,
    "--env-file": 1,
    "--follow": 0,
    "-v": 1,
    "--read-only": 0,
}


def docker_mistakes(words: Sequence[str]) -> Iterator[str]:
    """What is wrong with `docker compose VERB SERVICE …` or `docker build …`, as far as our own files know."""
    if words[0] == "build":
        yield from (f"there is no {word}" for word in words if word.startswith("deploy/") and not (ROOT / word).is_file())
        return
    if words[0] != "compose":
        yield f"docker {words[0]} is no command these pages may use"
        return
    rest = list(words[1:])
    verb = rest.pop(0)
    plain: list[str] = []
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and not plain:
            if word not in _DOCKER_OPTIONS:
                yield f"docker compose {verb}: these pages do not use {word!r}"
            values = [rest.pop(0) for _ in range(_DOCKER_OPTIONS.get(word, 0))]
            yield from (
                f"there is no service {value!r}" for value in values if word == "--scale" and value.partition("=")[0] not in services()
            )
        else:
            plain.append(word)
    yield from (f"there is no service {plain[0]!r}" for _ in plain[:1] if plain[0] not in services())
    if verb == "run" and plain:
        yield from billhook_mistakes(plain[1:])
    if verb == "exec" and plain[1:2] == ["billhook"]:
        yield from billhook_mistakes(plain[2:])


@cache
def services() -> dict[str, Any]:
    """The services of docker-compose.yml."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"])
