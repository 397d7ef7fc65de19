from tests.e2e.cli.conftest import COMPANIES, Installation


def test_applying_shows_what_changes_and_the_second_time_changes_nothing(empty: Installation) -> None:
    """A dry run shows the same and keeps nothing."""
    empty("migrate")
    file = empty.write("companies.yaml", COMPANIES)

    rehearsed = empty("apply", "-f", file, "--dry-run", "--json").json
    first = empty("apply", "-f", file, "--json").json
    second = empty("apply", "-f", file, "--json").json

    assert rehearsed["changes"] == first["changes"]
    assert [(change["act"], change["path"]) for change in first["changes"]] == [
        ("added", "admin_companies[acme-print]"),
        ("added", "companies[777]"),
        ("added", "companies[777].integrations[pdf_emailer]"),
        ("added", "price_lists[777][GBP TEE from 1]"),
        ("added", "tax_rates[GB][standard]"),
    ]
    assert (first["revision"], second["revision"], second["changes"]) == (1, 1, [])


def test_a_changed_value_is_shown_with_old_and_new(billhook: Installation) -> None:
    """By the path it has in the file."""
    file = billhook.write("changed.yaml", COMPANIES.replace('"6.25"', '"7.00"').replace("Card Corner Ltd", "Card Corner plc"))

    changes = billhook("apply", "-f", file, "--json").json["changes"]

    assert changes == [
        {"act": "changed", "path": "companies[777].name", "old": "Card Corner Ltd", "new": "Card Corner plc"},
        {"act": "changed", "path": "price_lists[777][GBP TEE from 1].unit_price", "old": "6.25", "new": "7"},
    ]


def test_a_file_with_mistakes_is_refused_as_a_whole(billhook: Installation) -> None:
    """All of them at once, each with its line, and nothing is changed."""
    file = billhook.write("bad.yaml", COMPANIES.replace("email_to", "emial_to").replace("currency: GBP\n", "currency: GPB\n"))

    done = billhook("apply", "-f", file)

    assert (done.code, done.out) == (2, "")
    assert "line 11: companies[777].currency: 'GPB' is no currency of ISO 4217. Did you mean 'GBP'?" in done.err
    assert "companies[777].integrations[pdf_emailer].settings.emial_to: There is no such key. Did you mean 'email_to'?" in done.err
    assert "revision 1" in billhook("export").out


def test_a_template_that_fails_is_refused_with_its_line(billhook: Installation) -> None:
    """By the same renderer that would write the mail."""
    file = billhook.write("bad.yaml", COMPANIES.replace("email_to:", 'subject_template: "{{ invoice.nmber }}", email_to:'))

    done = billhook("apply", "-f", file)

    assert done.code == 2
    assert "settings.subject_template" in done.err
    assert "nmber" in done.err


def test_a_seller_that_nobody_declared_is_refused(billhook: Installation) -> None:
    """The store is asked, too: sellers may come from an earlier file."""
    head, _, companies = COMPANIES.partition('companies:\n  - ref: "777"')
    assert head
    alone = 'companies:\n  - ref: "888"' + companies.partition("price_lists")[0]

    good = billhook("apply", "-f", billhook.write("good.yaml", alone))
    bad = billhook("apply", "-f", billhook.write("bad.yaml", alone.replace("acme-print", "acme-pint")))

    assert good.code == 0
    assert bad.code == 2
    assert "There is no admin company 'acme-pint'. Known: acme-print." in bad.err


def test_what_a_file_does_not_name_stays(billhook: Installation) -> None:
    """And what it names becomes exactly so: the integration is gone from the company that no longer lists it."""
    before = billhook("export", "--json").json
    second = COMPANIES.replace('"777"', '"888"')
    without = COMPANIES.partition("    integrations:")[0]

    billhook("apply", "-f", billhook.write("second.yaml", second))
    changes = billhook("apply", "-f", billhook.write("without.yaml", without), "--yes", "--json").json["changes"]

    after = billhook("export", "--json").json
    assert [(change["act"], change["path"]) for change in changes] == [("removed", "companies[777].integrations[pdf_emailer]")]
    assert [company["ref"] for company in after["companies"]] == ["777", "888"]
    assert [price for price in after["price_lists"] if price["company"] == "777"] == before["price_lists"]


def test_the_first_number_may_change_until_an_invoice_is_out(billhook: Installation) -> None:
    """Afterwards it would promise a number that is taken."""
    numbered = COMPANIES.replace("    vat_number: GB980780684\n", "    vat_number: GB980780684\n    numbering: {first: 100}\n")

    assert billhook("apply", "-f", billhook.write("first.yaml", numbered)).code == 0
    billhook("orders", "import", billhook.write("orders.jsonl", billhook.order("1001")))
    assert billhook("invoices", "run", "--company", "777", "--json").json["issued"] == [100]
    refused = billhook("apply", "-f", billhook.write("late.yaml", numbered.replace("100", "500")))

    assert refused.code == 2
    assert "only before the first invoice is issued" in refused.err


def test_an_export_applied_again_changes_nothing(billhook: Installation) -> None:
    """It is the file that would have been written by hand."""
    assert billhook("export", "-o", "export.yaml").code == 0

    assert billhook("apply", "-f", "export.yaml").out == "Nothing to change.\n"


def test_applying_decides_anew_on_the_orders_that_wait(with_orders: Installation) -> None:
    """A price that was missing is there now."""
    assert with_orders("orders", "explain", "1003", "--json").json["decision"] == "price_missing"
    priced = COMPANIES.replace(
        "tax_rates:", '  - {company: "777", currency: GBP, sku: MUG, unit_price: "2.10", tax_code: standard}\ntax_rates:'
    )

    done = with_orders("apply", "-f", with_orders.write("priced.yaml", priced), "--json").json

    assert done["orders_decided"] == 3
    assert [row["ref"] for row in with_orders("orders", "list", "--decision", "due", "--json").json["orders"]] == ["1001", "1003"]


def test_an_invalid_vat_number_of_a_company_is_a_warning(billhook: Installation) -> None:
    """It only changes the tax decision; the company is declared all the same."""
    file = billhook.write(
        "vat.yaml", COMPANIES.replace("    currency: GBP\n    plan", "    currency: GBP\n    vat_number: GB123456789\n    plan")
    )

    done = billhook("apply", "-f", file, "--json")

    assert done.code == 0
    assert "taxed as if it had none" in done.json["warnings"][0]


def test_prices_do_not_disappear_unasked(billhook: Installation) -> None:
    """A list that is named replaces the company's: a script must say that it means it."""
    priced = """\
price_lists:
  - {company: "777", currency: GBP, sku: MUG, unit_price: "2.10", tax_code: standard}
"""
    file = billhook.write("prices.yaml", priced)

    asked = billhook("apply", "-f", file)
    between = billhook("export", "--json").json["price_lists"]
    done = billhook("apply", "-f", file, "--yes")
    again = billhook("apply", "-f", file)

    assert (asked.code, asked.out) == (2, "")
    assert "This removes 1 entry: price_lists[777][GBP TEE from 1]." in asked.err
    assert "--yes" in asked.err
    assert [price["sku"] for price in between] == ["TEE"]
    assert "- price_lists[777][GBP TEE from 1]" in done.out
    assert (again.code, again.out) == (0, "Nothing to change.\n")


def test_a_tax_code_without_a_rate_is_a_warning(billhook: Installation) -> None:
    """Orders at that price could not be invoiced; the rate may come later."""
    file = billhook.write("typed.yaml", COMPANIES.replace("tax_code: standard}\ntax_rates", "tax_code: standrd}\ntax_rates"))

    done = billhook("apply", "-f", file)

    assert done.code == 0
    assert "Warning: price_lists[777]: tax_rates has no 'standrd' for GB" in done.err
    assert "Known there: standard." in done.err
