"""What the pages say is so: commands run, links lead somewhere, and codes are those of the code."""

import re
import shutil
from pathlib import Path

import pytest

from domain.delivery.state import TRANSITIONS, DeliveryState
from domain.invoicing.decision import Decision
from domain.invoicing.rules import RULES
from tests.docs.forms import mistakes
from tests.docs.pages import ROOT, Block, blocks, code_spans, links, name_of, pages
from tests.docs.session import run

PAGES = pages()
DECISIONS = ROOT / "docs/reference/decisions.md"
STATES = ROOT / "docs/reference/delivery-states.md"


def first_cells(page: Path, header: str) -> list[str]:
    """The code in the first cell of each row of the table under this header cell."""
    rows = iter(page.read_text(encoding="utf-8").splitlines())
    for row in rows:
        if row.startswith(f"| {header} |"):
            break
    codes: list[str] = []
    for row in rows:
        if not row.startswith("|"):
            return codes
        codes += re.findall(r"^\| `(\w+)`", row)
    return codes


def embedded_pages() -> list[Path]:
    """Pages with commands that need no server."""
    return [page for page in PAGES if any(block.holds_commands and not block.mark for block in blocks(page))]


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder that the demo leaves behind."""
    folder = tmp_path_factory.mktemp("demo")
    run([Block("sh", ("make demo",), 1)], folder, {})
    return folder / "var"


@pytest.mark.parametrize("page", embedded_pages(), ids=name_of)
def test_the_commands_of_a_page_do_what_it_says(page: Path, tmp_path: Path, demo_data: Path) -> None:
    """In the order of the page, on the embedded default, with the output it shows."""
    if page.parent.name == "how-to":
        # These pages take it that the reader has run the demo and has the command in the path.
        shutil.copytree(demo_data, tmp_path / "var")

    run([block for block in blocks(page) if block.mark not in {"fleet", "form", "day"}], tmp_path, {})


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    """Also those that are not run, and those in the middle of a sentence."""
    typed = [command.text for block in blocks(page) if block.holds_commands for command in block.commands()]
    named = [span for span in code_spans(page) if re.match(r"^(\.venv/bin/)?(billhook|make|docker compose) [a-z]", span)]

    assert [(text, mistake) for text in (*typed, *named) for mistake in mistakes(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_of_this_checkout(page: Path) -> None:
    """Relative links, and the headings they name."""
    targets = [link for link in links(page) if not re.match(r"^[a-z]+:", link)]

    assert [link for link in targets if not _is_there(page, link)] == []


def _is_there(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not heading:
        return target.exists()
    return heading in {_slug(line) for line in target.read_text(encoding="utf-8").splitlines() if line.startswith("#")}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def test_the_index_leads_to_every_page() -> None:
    """A page that nothing leads to is not read."""
    index = ROOT / "docs/README.md"
    reached = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}

    assert {name_of(page) for page in (ROOT / "docs").rglob("*.md")} - {name_of(index)} <= {
        name_of(page) for page in reached if page.is_file()
    }


def test_the_rules_on_the_page_are_those_of_the_code_in_their_order() -> None:
    """The order is binding: the first rule that fails is the decision."""
    assert [rule.code for rule in RULES] == first_cells(DECISIONS, "rule")


def test_the_decisions_on_the_page_are_those_of_the_code() -> None:
    """Each once."""
    assert sorted(Decision) == sorted(first_cells(DECISIONS, "decision"))


def test_the_delivery_states_on_the_page_are_those_of_the_code() -> None:
    """Each once."""
    assert sorted(DeliveryState) == sorted(first_cells(STATES, "state"))


def test_the_picture_of_the_states_shows_no_step_that_the_code_forbids() -> None:
    """Each arrow is a transition."""
    arrows = re.findall(r"^    (\w+) --> (\w+):", STATES.read_text(encoding="utf-8"), re.MULTILINE)

    assert arrows
    assert [(before, after) for before, after in arrows if DeliveryState(after) not in TRANSITIONS[DeliveryState(before)]] == []
