"""Users' templates: what they may do, and what they may not."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.documents.templates import SandboxedTemplates
from domain.errors import DomainError

VARIABLES = {"invoice": {"number": "INV-1", "orders": [{"ref": "90001"}, {"ref": "90002"}]}, "company": {"name": "A & B <Ltd>"}}

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ().__class__.__base__.__subclasses__() }}",
    "{{ invoice['__class__'] }}",
    "{{ invoice|attr('__class__') }}",
    "{{ invoice|map(attribute='__class__')|join }}",
    "{{ '{0.__class__}'.format(invoice) }}",
    "{{ '{0.__class__}'.format_map({'0': invoice}) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner }}",
    "{{ lipsum() }}",
    "{{ namespace() }}",
    "{{ dict(a=1) }}",
    "{{ range(10) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'base' %}",
    "{{ invoice.orders.append(1) }}",
    "{{ invoice.update({'number': 1}) }}",
    "{{ invoice.clear() }}",
]
BOMBS = [
    "{{ 'a'*10**9 }}",
    "{{ [1]*10**9 }}",
    "{{ ('a'~'b')*10**8 }}",
    "{{ 'a'|center(10**9) }}",
    "{{ '%0200000000d'|format(1) }}",
    "{{ '%0900000000d' % 1 }}",
    "{{ '{:>900000000}'.format(1) }}",
    "{{ 10**(10**10) }}",
    "{% for a in 'x'*100000 %}{% for b in 'x'*100000 %}{% endfor %}{% endfor %}",
    "{% for a in 'x'*1000000 %}yyyy{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "-" * 60000 + "1 }}",
    "{{ 'x'.join(['y'*1000000]*1000) }}",
    "x" * 70_000,
]


@pytest.fixture(scope="module")
def templates() -> Iterator[SandboxedTemplates]:
    made = SandboxedTemplates(2)
    yield made
    made.close()


def test_values_are_escaped_in_html_and_not_in_text(templates: SandboxedTemplates) -> None:
    assert templates.render_html("<b>{{ company.name }}</b>", VARIABLES) == "<b>A &amp; B &lt;Ltd&gt;</b>"
    assert templates.render_text("{{ company.name }}", VARIABLES) == "A & B <Ltd>"


def test_lists_can_be_walked_and_joined(templates: SandboxedTemplates) -> None:
    walked = templates.render_text("{% for order in invoice.orders %}{{ loop.index }}={{ order.ref }} {% endfor %}", VARIABLES)
    joined = templates.render_text("{{ invoice.orders|map(attribute='ref')|join(', ') }}", VARIABLES)

    assert walked == "1=90001 2=90002 "
    assert joined == "90001, 90002"


@pytest.mark.parametrize("template", ESCAPES)
def test_a_template_cannot_get_out(templates: SandboxedTemplates, template: str) -> None:
    with pytest.raises(DomainError) as refusal:
        templates.render_text(template, VARIABLES)

    assert refusal.value.code == "template_failed"
    assert refusal.value.next_step


@pytest.mark.parametrize("template", BOMBS, ids=[bomb[:40] for bomb in BOMBS])
def test_a_bomb_is_refused_in_seconds_and_the_next_template_works(templates: SandboxedTemplates, template: str) -> None:
    began = time.monotonic()

    with pytest.raises(DomainError) as refusal:
        templates.render_text(template, VARIABLES)

    assert refusal.value.code == "template_failed"
    assert time.monotonic() - began < 10
    assert templates.render_text("{{ invoice.number }}", VARIABLES) == "INV-1"


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("\n\n{{ invoice.numbr }}", "Line 3 of the template: there is no variable 'numbr'; did you mean 'number'?"),
        ("{{ invoce.number }}", "Line 1 of the template: there is no variable 'invoce'; did you mean 'invoice'?"),
        ("a\n{{ nonsense }}", "Line 2 of the template: there is no variable 'nonsense'"),
        ("a\nb\n{{ x", "Line 3 of the template: unexpected end of template"),
        ("{{ invoice.number|nope }}", "Line 1 of the template: No filter named 'nope'."),
        ("{{ invoice.orders|map(attribute='__class__')|list }}", "Line 1 of the template: "),
        ("{{ [invoice.numbr] }}", "Line 1 of the template: there is no variable 'numbr'; did you mean 'number'?"),
        ("x" * 70_000, "The template is longer than 64 KiB."),
        ("{% for a in 'x'*1000000 %}yyyy{% endfor %}", "the text grows longer than 512 KiB"),
    ],
)
def test_an_error_names_the_line_and_the_variable(templates: SandboxedTemplates, template: str, sentence: str) -> None:
    with pytest.raises(DomainError) as refusal:
        templates.render_html(template, VARIABLES)

    assert sentence in refusal.value.text


def test_only_plain_data_gets_to_a_template(templates: SandboxedTemplates) -> None:
    """An object of ours is a mistake of ours."""
    with pytest.raises(TypeError):
        templates.render_text("{{ path }}", {"path": Path()})


def test_many_threads_may_render_at_once(templates: SandboxedTemplates) -> None:
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda number: templates.render_text("{{ number }}", {"number": str(number)}), range(500)))

    assert texts == [str(number) for number in range(500)]


def test_a_large_parent_does_not_make_its_children_look_large() -> None:
    """Each mail took a new child, and a tenth of a second, once the worker itself had grown."""
    ballast = bytearray(os.urandom(4096) * (400 * 256))
    large = SandboxedTemplates(1)
    try:
        large.render_text("x", {})
        process = large._pool._children[0]._process
        large.render_text("x", {})

        assert process is not None
        assert large._pool._children[0]._process is process
    finally:
        large.close()
    assert len(ballast) == 400 * 1024 * 1024


def test_the_child_knows_none_of_our_variables(templates: SandboxedTemplates) -> None:
    """The passwords of the fleet stand in the environment."""
    templates.render_text("x", {})
    process = next(child._process for child in templates._pool._children if child._process is not None)

    names = {entry.split(b"=")[0].decode() for entry in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0") if entry}

    assert names <= {"TMPDIR", "LD_LIBRARY_PATH"}


@pytest.mark.parametrize(
    "template", ["x", "{% for a in 'x'*100000 %}{% for b in 'x'*100000 %}{% endfor %}{% endfor %}"], ids=["idle", "busy"]
)
def test_no_child_outlives_a_killed_parent(template: str) -> None:
    """Neither one that waits for work nor one in the middle of it."""
    script = f"""
import threading, time
from adapters.documents.templates import SandboxedTemplates
templates = SandboxedTemplates(1)
templates.render_text("x", {{}})
threading.Thread(target=templates.render_text, args=({template!r}, {{}}), daemon=True).start()
print(templates._pool._children[0]._process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()

    assert gone_within(child, seconds=15)


def gone_within(pid: int, seconds: float) -> bool:
    """Whether the process ends in time; one that ended and was not yet fetched by its new parent counts as gone."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        os.sched_yield()
    return False
