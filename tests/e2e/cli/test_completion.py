"""TAB offers the companies and integrations that are declared, in the way each shell asks for them."""

import pytest

from tests.e2e.cli.conftest import Installation

ASKED = {
    "bash": {"COMP_WORDS": "billhook pause {option} 7", "COMP_CWORD": "3"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "billhook pause {option} 7"},
    "fish": {"_TYPER_COMPLETE_ARGS": "billhook pause {option} 7", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


@pytest.mark.parametrize("shell", ASKED)
def test_declared_names_are_offered(billhook: Installation, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both kinds of names; nothing else is printed."""
    monkeypatch.setenv("_BILLHOOK_COMPLETE", f"complete_{shell}")
    offered = []
    for option in ("--company", "--integration"):
        for name, value in ASKED[shell].items():
            monkeypatch.setenv(name, value.format(option=option))
        offered.append(billhook())

    assert [(done.code, done.err) for done in offered] == [(0, "")] * 2
    company, integration = (done.out for done in offered)
    assert ("777" in company, "777/" in company) == (True, False)
    assert "777/pdf_emailer" in integration


def test_where_nothing_is_set_up_nothing_is_offered_and_nothing_complains(empty: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types must not be disturbed."""
    monkeypatch.setenv("_BILLHOOK_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "billhook pause --company ")
    monkeypatch.setenv("COMP_CWORD", "3")

    done = empty()

    assert (done.out.strip(), done.err) == ("", "")
    assert list(empty.folder.iterdir()) == []
