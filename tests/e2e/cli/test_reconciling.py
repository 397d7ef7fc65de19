"""The books compared, and a series that may not go on, as an operator meets them."""

import sqlite3
from contextlib import closing

from tests.e2e.cli.conftest import Installation

MAILER = "777/pdf_emailer"
SEEN = "INSERT INTO number_guards VALUES ('acme-print', 'invoice', 7, 'INV-000007', '777/xero', '2026-11-21T12:00:00.000000+00:00', 0)"


def test_kinds_without_books_are_named(with_invoice: Installation) -> None:
    """There is nothing to compare, and that is no difference; what is not declared is an error."""
    done = with_invoice("reconcile", "--json")
    unknown = with_invoice("reconcile", "777/xero")

    assert (done.code, done.json) == (0, {"ok": True, "integrations": [], "without_books": [MAILER]})
    assert f"{MAILER}: keeps no books to compare with." in with_invoice("reconcile", MAILER).err
    assert unknown.code == 5


def test_a_series_behind_a_vendors_books_is_told_and_lifted(with_orders: Installation) -> None:
    """Every command that looks at it names the next step; lifting needs a reason, and is on record."""
    with closing(sqlite3.connect(with_orders.folder / "var/billhook.db")) as database, database:
        database.execute(SEEN)

    refused = with_orders("invoices", "run", "--company", "777")
    doctor, verify = with_orders("doctor"), with_orders("verify")
    [series] = with_orders("numbers", "list", "--json").json["series"]
    unreasoned = with_orders("numbers", "lift", "acme-print")
    rehearsed = with_orders("numbers", "lift", "acme-print", "--reason", "typed by hand", "--dry-run", "--json").json
    lifted = with_orders("numbers", "lift", "acme-print", "--reason", "typed by hand")
    issued = with_orders("invoices", "run", "--company", "777", "--json").json
    [entry] = with_orders("audit", "list", "--action", "number_guard_lifted", "--json").json["entries"]

    assert refused.code == 1
    assert "INV-000007" in refused.err
    assert "Restore a newer backup." in refused.err
    assert (doctor.code, verify.code, unreasoned.code) == (7, 7, 2)
    assert (series["state"], series["last_number"], series["highest_seen"], series["integration"]) == ("behind", 0, 7, "777/xero")
    assert (rehearsed["lifted"], rehearsed["state"]) == (False, "behind")
    assert lifted.out == "Let the invoice series of acme-print go on behind number 0.\n"
    assert issued["issued"] == [1]
    assert (entry["subject"], entry["reason"]) == ("acme-print", "typed by hand")
    assert with_orders("numbers", "lift", "acme-print", "--reason", "again").code == 1


def test_incidents_are_listed_until_they_are_over(with_orders: Installation) -> None:
    """The scheduler looks at them; an empty list says that it is one."""
    with closing(sqlite3.connect(with_orders.folder / "var/billhook.db")) as database, database:
        database.execute(SEEN)

    before = with_orders("incidents", "list", "--open")
    with_orders("scheduler", "--until-idle")
    [incident] = with_orders("incidents", "list", "--open", "--json").json["incidents"]
    with_orders("numbers", "lift", "acme-print", "--reason", "typed by hand")
    now = with_orders("incidents", "list", "--open", "--json").json["incidents"]
    [kept] = with_orders("incidents", "list", "--json").json["incidents"]

    assert before.err == "No incident is open.\n"
    assert (incident["id"], incident["cause"], incident["subject"], incident["count"]) == ("inc_1", "series_behind", "acme-print", 1)
    assert "billhook reconcile" in incident["next_step"]
    assert now == []
    assert kept["resolved_at"] is not None
