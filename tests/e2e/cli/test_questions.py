"""What is asked of a person at a terminal, and what yes, no and neither do. Nobody is asked anything where the input is piped."""

import sqlite3

import pytest

from tests.e2e.cli.conftest import COMPANIES, Installation
from tests.e2e.cli.terminal import CTRL_C, CTRL_D, at_a_terminal

FEWER = COMPANIES.replace('  - {company: "777", currency: GBP, sku: TEE, unit_price: "6.25", tax_code: standard}\n', "  []\n")
OTHER_TERMS = COMPANIES.replace("currency: GBP\n    plan", "currency: GBP\n    vat_number: GB980780684\n    plan")
WHY = ("--reason", "Typing error")


def credited(house: Installation) -> list[str]:
    return [row["display_number"] for row in house("invoices", "list", "--credit-notes", "--json").json["invoices"]]


def prices(house: Installation) -> int:
    return len(house("export", "--json").json.get("price_lists", []))


def test_apply_asks_before_it_removes_anything(billhook: Installation) -> None:
    """It names what would go; no, an empty line and Ctrl-C keep it, yes removes it."""
    file = billhook.write("fewer.yaml", FEWER)

    answers = {text: at_a_terminal(billhook, "apply", "-f", file, answer=text) for text in ("n\n", "\n", CTRL_C)}
    kept = prices(billhook)
    code, shown = at_a_terminal(billhook, "apply", "-f", file, answer="y\n")

    assert all("This removes 1 entry: price_lists[" in shown for _, shown in answers.values())
    assert [code for code, _ in answers.values()] == [2, 2, 1]
    assert [("Nothing was changed." in shown) for _, shown in answers.values()] == [True, True, False]
    assert kept == 1
    assert (code, "this is revision 2." in shown, prices(billhook)) == (0, True, 0)


def test_apply_does_not_ask_about_what_only_comes(billhook: Installation) -> None:
    """Nor where it is told yes."""
    more = at_a_terminal(billhook, "apply", "-f", billhook.write("more.yaml", OTHER_TERMS))
    told = at_a_terminal(billhook, "apply", "-f", billhook.write("fewer.yaml", FEWER), "--yes")

    assert [code for code, _ in (more, told)] == [0, 0]
    assert "[y/N]" not in more[1] + told[1]


@pytest.mark.parametrize(("answer", "code"), [("n\n", 2), (CTRL_D, 1)])
def test_a_credit_note_that_is_not_agreed_to_is_not_issued(with_invoice: Installation, answer: str, code: int) -> None:
    """The question has the sum; Ctrl-D is no yes."""
    ended, shown = at_a_terminal(with_invoice, "invoices", "credit", "INV-000001", *WHY, answer=answer)

    assert "Credit all that stands on INV-000001: 1 order, 15.00 GBP? [y/N]" in shown
    assert (ended, credited(with_invoice)) == (code, [])


def test_a_credit_note_that_is_agreed_to_is_issued(with_invoice: Installation) -> None:
    """And of one order that is named nothing is asked: it cannot be meant otherwise."""
    with_invoice("invoices", "credit", "INV-000001", *WHY, "--dry-run")

    code, shown = at_a_terminal(with_invoice, "invoices", "credit", "INV-000001", *WHY, answer="y\n")

    assert (code, "Issued credit note CN-000001 for INV-000001: 15.00 GBP." in shown) == (0, True)
    assert credited(with_invoice) == ["CN-000001"]


def test_several_named_orders_are_asked_about_at_a_terminal_only(with_orders: Installation) -> None:
    """A script that names them has made up its mind; one that is named is never asked about."""
    with_orders("orders", "import", with_orders.write("more.jsonl", with_orders.order("2001") + with_orders.order("2002")))
    with_orders("invoices", "run", "--company", "777")
    two = ("invoices", "credit", "INV-000001", "--order", "1001", "--order", "2001", *WHY)

    refused = at_a_terminal(with_orders, *two, answer="n\n")
    one = at_a_terminal(with_orders, "invoices", "credit", "INV-000001", "--order", "2002", *WHY)
    piped = with_orders(*two)

    assert (refused[0], "Credit 2 orders of INV-000001: 2 orders, 30.00 GBP?" in refused[1]) == (2, True)
    assert (one[0], "[y/N]" in one[1]) == (0, False)
    assert (piped.code, credited(with_orders)) == (0, ["CN-000001", "CN-000002"])


def test_messages_are_read_again_after_a_yes(with_orders: Installation) -> None:
    """The count is in the question."""
    refused = at_a_terminal(with_orders, "quarantine", "replay", "--all", answer="n\n")
    agreed = at_a_terminal(with_orders, "quarantine", "replay", "--all", answer="y\n")

    assert (refused[0], "Read 1 message again? [y/N]" in refused[1]) == (2, True)
    assert (agreed[0], "1 message still cannot be read" in agreed[1]) == (1, True)


def test_messages_of_a_time_are_read_again_after_a_yes(with_orders: Installation) -> None:
    """They are looked at first: the question says how many can be read now, and where none can, nothing is asked."""
    wanted = ("replay", "quarantine", "--since", "2026-01-01", "--limit", "7")
    unasked = at_a_terminal(with_orders, *wanted)
    with sqlite3.connect(with_orders.folder / "var/billhook.db") as connection:
        # As after a mend of Billhook: what could not be read can be.
        connection.execute("UPDATE quarantined_messages SET body = ?", [with_orders.order("1004").encode()])

    refused, agreed, again = (at_a_terminal(with_orders, *wanted, answer=answer) for answer in ("n\n", "y\n", ""))

    question = "1 order can be read now, 0 messages cannot. Go on? [y/N]"
    assert (unasked[0], "1 message still cannot be read" in unasked[1], "[y/N]" in unasked[1]) == (1, True, False)
    assert [(code, question in shown) for code, shown in (refused, agreed, again)] == [(2, True), (0, True), (0, False)]
    assert "1 order read, 0 messages still cannot be read." in agreed[1]
    assert with_orders("orders", "show", "1004").code == 0
    entries = with_orders("audit", "list", "--subject", "quarantine", "--json").json["entries"]
    assert [entry["action"] for entry in entries] == ["quarantine_replayed", "quarantine_replay_begun"]
    assert entries[0]["detail"] == "orders read: 1; messages that still cannot be read: 0"
    assert "limit 7" in entries[1]["detail"]


def test_a_replay_asks_with_what_it_would_change(with_invoice: Installation) -> None:
    """An integration that came later gets the invoice after a yes; then there is nothing to ask."""
    drop = (
        f"      - kind: generic_filesystem\n        settings: {{fs_type: local, fs_root: {with_invoice.folder}/drop, document: invoice}}\n"
    )
    with_invoice("apply", "-f", with_invoice.write("more.yaml", COMPANIES.replace("price_lists:", f"{drop}price_lists:")), "--yes")
    wanted = ("replay", "orders", "--company", "777")

    refused, agreed = (at_a_terminal(with_invoice, *wanted, answer=answer) for answer in ("n\n", "y\n"))
    again = at_a_terminal(with_invoice, *wanted)

    question = "3 orders looked at, 1 would change. Go on? [y/N]"
    assert [(code, question in shown) for code, shown in (refused, agreed, again)] == [(2, True), (0, True), (0, False)]
    assert len(with_invoice("replay", "list", "--json").json["replays"]) == 1


def test_deliveries_of_a_filter_are_changed_after_a_yes(with_invoice: Installation) -> None:
    """With their count; a no changes none."""
    refused = at_a_terminal(with_invoice, "deliveries", "cancel", "--state", "pending", answer="n\n")
    agreed = at_a_terminal(with_invoice, "deliveries", "cancel", "--state", "pending", answer="y\n")

    assert (refused[0], "Cancel 1 delivery? [y/N]" in refused[1]) == (2, True)
    assert (agreed[0], "1 delivery of 1 changed." in agreed[1]) == (0, True)


def test_a_run_asks_nothing_and_lists_are_tables(with_orders: Installation) -> None:
    """An invoice run is what was asked for, and `--dry-run` shows it before; at a terminal lists have columns and no tabs."""
    run = at_a_terminal(with_orders, "invoices", "run", "--company", "777")
    code, table = at_a_terminal(with_orders, "orders", "list")

    assert (run[0], "1 invoice issued (INV-000001)" in run[1], "[y/N]" in run[1]) == (0, True, False)
    assert (code, "\t" in table, "─" in table) == (0, False, True)
    assert all(word in table for word in ("decision", "price_missing", "INV-000001"))
