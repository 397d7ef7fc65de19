from tests.e2e.cli.conftest import Installation


def test_importing_a_file_twice_changes_nothing(billhook: Installation) -> None:
    """And a dry run keeps nothing."""
    file = billhook.write("orders.jsonl", billhook.order("1001") + billhook.order("1002"))

    rehearsed = billhook("orders", "import", file, "--dry-run", "--json").json
    none = billhook("orders", "list", "--json").json
    first = billhook("orders", "import", file, "--json").json
    second = billhook("orders", "import", "-", "--json", given=(billhook.folder / file).read_text()).json

    assert none == {"orders": [], "next": None}
    assert (rehearsed["accepted"], first["accepted"], second["duplicate"]) == (2, 2, 2)


def test_orders_are_listed_page_by_page(with_orders: Installation) -> None:
    """By key: `next` of a page is `--after` of the next one."""
    first = with_orders("orders", "list", "--limit", "2", "--json").json
    second = with_orders("orders", "list", "--limit", "2", "--after", first["next"], "--json").json

    assert [row["ref"] for row in (*first["orders"], *second["orders"])] == ["1001", "1002", "1003"]
    assert second["next"] is None
    assert {"ref", "company", "status", "decision", "invoice_number"} <= first["orders"][0].keys()


def test_orders_are_filtered(with_invoice: Installation) -> None:
    """By decision, company, and whether they are invoiced; a wrong code gets the list of codes."""

    def refs(*arguments: str) -> list[str]:
        return [row["ref"] for row in with_invoice("orders", "list", *arguments, "--json").json["orders"]]

    wrong = with_invoice("orders", "list", "--decision", "hold")

    assert refs("--invoiced") == ["1001"]
    assert refs("--not-invoiced", "--company", "777") == ["1002", "1003"]
    assert refs("--decision", "on_hold") == ["1002"]
    assert wrong.code == 2
    assert "on_hold" in wrong.err


def test_an_order_is_explained_by_its_rules(with_orders: Installation) -> None:
    """Each rule with its facts, and the fix where it fails."""
    explained = with_orders("orders", "explain", "1002", "--json").json
    rules = {rule["code"]: rule for rule in explained["rules"]}

    assert (explained["ref"], explained["decision"]) == ("1002", "on_hold")
    assert rules["on_hold"]["passed"] is False
    assert rules["on_hold"]["facts"]["status"] == "256"
    assert rules["on_hold"]["fix"]
    assert rules["company_unknown"]["passed"] is True


def test_a_dry_run_uses_no_number(with_orders: Installation) -> None:
    """However often it is made."""
    rehearsed = [with_orders("invoices", "run", "--company", "777", "--dry-run", "--json").json for _ in range(2)]
    before = with_orders("invoices", "list", "--json").json
    run = with_orders("invoices", "run", "--company", "777", "--json").json

    assert [each["issued"] for each in rehearsed] == [[1], [1]]
    assert before["invoices"] == []
    assert (run["issued"], run["skipped"]) == ([1], {"on_hold": 1, "price_missing": 1})


def test_an_invoice_is_listed_and_shown_with_decimals_as_strings(with_invoice: Installation) -> None:
    """The shapes of DESIGN 4.3."""
    [row] = with_invoice("invoices", "list", "--json").json["invoices"]
    shown = with_invoice("invoices", "show", "INV-000001", "--json").json

    assert {
        key: row[key]
        for key in ("number", "display_number", "admin_company", "company", "currency", "net", "tax", "total", "orders", "state")
    } == {
        "number": 1,
        "display_number": "INV-000001",
        "admin_company": "acme-print",
        "company": "777",
        "currency": "GBP",
        "net": "12.50",
        "tax": "2.50",
        "total": "15.00",
        "orders": ["1001"],
        "state": "issued",
    }
    assert {key: shown[key] for key in row} == row
    assert [
        (line["sku"], line["quantity"], line["unit_price"], line["net"], line["tax_rate"], line["order_ref"]) for line in shown["lines"]
    ] == [("TEE", "2", "6.25", "12.50", "0.20", "1001")]
    assert [(tax["category"], tax["rate"], tax["net"], tax["tax"]) for tax in shown["taxes"]] == [("S", "0.20", "12.50", "2.50")]


def test_a_document_is_written_as_a_file(with_invoice: Installation) -> None:
    """PDF and JSON; an unknown number and an unknown format have their codes."""
    pdf = with_invoice("invoices", "document", "INV-000001", "-o", "invoice.pdf")
    as_json = with_invoice("invoices", "document", "acme-print:INV-000001", "--format", "json", "-o", "-")

    assert (pdf.code, pdf.out) == (0, "")
    assert (with_invoice.folder / "invoice.pdf").read_bytes().startswith(b"%PDF-")
    assert as_json.json["total"] == "15.00"
    assert with_invoice("invoices", "document", "INV-000009").code == 5
    assert with_invoice("invoices", "document", "INV-000001", "--format", "doc").code == 2


def test_deliveries_are_shown_and_changed_by_a_person(with_invoice: Installation) -> None:
    """By id with or without prefix, or by filter with a question that a script answers with --yes."""
    [owed] = with_invoice("deliveries", "list", "--json").json["deliveries"]
    asked = with_invoice("deliveries", "cancel", "--state", "pending")
    rehearsed = with_invoice("deliveries", "cancel", "--state", "pending", "--dry-run", "--json").json
    cancelled = with_invoice("deliveries", "cancel", "--state", "pending", "--yes", "--reason", "closed", "--json").json
    refused = with_invoice("deliveries", "cancel", "1")
    shown = with_invoice("deliveries", "show", "1", "--json").json

    assert (owed["id"], owed["integration"], owed["kind"], owed["company"], owed["subject"]) == (
        "dlv_1",
        "777/pdf_emailer",
        "pdf_emailer",
        "777",
        "invoice",
    )
    assert {"subject_id", "state", "attempts", "remote_id", "last_error"} <= owed.keys()
    assert asked.code == 2
    assert "--yes" in asked.err
    assert (rehearsed["changed"], cancelled["changed"]) == (1, 1)
    assert refused.code == 1
    assert "does not apply" in refused.err
    assert (shown["state"], shown["history"][-1]["detail"]) == ("cancelled", "closed")


def test_ids_and_filter_together_are_refused(with_orders: Installation) -> None:
    """As is neither: it would mean everything."""
    assert with_orders("deliveries", "retry").code == 2
    assert with_orders("deliveries", "retry", "dlv_1", "--state", "waiting").code == 2


def test_a_worker_delivers_what_is_due_and_stops(with_invoice: Installation) -> None:
    """On the embedded default into `.eml` files."""
    done = with_invoice("worker", "--until-idle")

    assert (done.code, done.out) == (0, "")
    assert [row["state"] for row in with_invoice("deliveries", "list", "--json").json["deliveries"]] == ["delivered"]
    assert len(list((with_invoice.folder / "var/mail").glob("*.eml"))) == 1


def test_a_credit_note_corrects_an_invoice(with_invoice: Installation) -> None:
    """First as a rehearsal, then for good; crediting again is refused."""
    why = ("--reason", "Wrong address")
    rehearsed = with_invoice("invoices", "credit", "INV-000001", *why, "--dry-run", "--json").json
    credited = with_invoice("invoices", "credit", "INV-000001", *why, "--reissue", "--yes", "--json").json
    again = with_invoice("invoices", "credit", "INV-000001", *why)

    assert rehearsed["credit_note"]["display_number"] == credited["credit_note"]["display_number"] == "CN-000001"
    assert (credited["credit_note"]["corrects"], credited["credit_note"]["reason"]) == ("INV-000001", "Wrong address")
    assert credited["reissued"]["display_numbers"] == ["INV-000002"]
    assert credited["due_again"] == []
    assert with_invoice("invoices", "show", "INV-000001", "--json").json["state"] == "credited"
    assert again.code == 1


def test_a_credit_note_is_not_issued_by_accident(with_invoice: Installation) -> None:
    """It needs a reason, and for a whole invoice a yes; nothing is issued otherwise."""
    unreasoned = with_invoice("invoices", "credit", "INV-000001", "--yes")
    asked = with_invoice("invoices", "credit", "INV-000001", "--reason", "Typing error")

    assert (unreasoned.code, asked.code) == (2, 2)
    assert "--reason TEXT" in unreasoned.err
    assert "1 order, 15.00 GBP" in asked.err
    assert "--yes" in asked.err
    assert with_invoice("invoices", "list", "--credit-notes", "--json").json["invoices"] == []


def test_a_credited_order_that_is_due_again_is_named(with_invoice: Installation) -> None:
    """Or its next invoice would come as a surprise."""
    done = with_invoice("invoices", "credit", "INV-000001", "--order", "1001", "--reason", "Wrong shop")

    assert done.code == 0
    assert "Order 1001 is due again and goes on the next invoice; to keep it off, cancel it" in done.out


def test_a_filter_with_a_name_that_does_not_exist_is_refused(with_invoice: Installation) -> None:
    """An empty list would look like good news."""
    for arguments in (
        ("orders", "list", "--company", "77"),
        ("invoices", "list", "--company", "77"),
        ("deliveries", "list", "--company", "77"),
        ("deliveries", "retry", "--company", "77", "--yes"),
        ("deliveries", "cancel", "--company", "77"),
    ):
        done = with_invoice(*arguments)

        assert (done.code, done.out) == (5, ""), arguments
        assert "Did you mean '777'?" in done.err, arguments
    mistyped = with_invoice("deliveries", "list", "--integration", "777/pdf_mailer")
    assert mistyped.code == 5
    assert "Did you mean '777/pdf_emailer'?" in mistyped.err
    assert with_invoice("deliveries", "list", "--company", "777", "--state", "unknown", "--json").code == 0


def test_a_mistyped_code_gets_a_suggestion(with_invoice: Installation) -> None:
    """In plain words."""
    decision = with_invoice("orders", "list", "--decision", "on_hld")
    state = with_invoice("deliveries", "list", "--state", "pendng")

    assert (decision.code, state.code) == (2, 2)
    # Joined again, because an error stands in a box that breaks its lines.
    said = [" ".join(done.err.replace("│", " ").split()) for done in (decision, state)]
    assert "'on_hld' is no decision. Did you mean 'on_hold'?" in said[0]
    assert "'pendng' is no state of a delivery. Did you mean 'pending'?" in said[1]
    assert "Value error" not in decision.err + state.err


def test_a_worker_says_what_still_waits_and_why(with_invoice: Installation) -> None:
    """A mail server that is away parks the lane."""
    done = with_invoice("worker", "--until-idle", smtp_url="smtp://127.0.0.1:1")

    assert done.code == 0
    assert "777/pdf_emailer: 1 delivery waits: " in done.err


def test_a_quarantined_message_is_shown_and_replayed(with_orders: Installation) -> None:
    """What still cannot be read stays."""
    [row] = with_orders("quarantine", "list", "--json").json["quarantine"]

    shown = with_orders("quarantine", "show", row["id"], "--json").json
    replayed = with_orders("quarantine", "replay", row["id"], "--json")
    unasked = with_orders("quarantine", "replay", "--all")

    assert (row["id"], row["path"]) == ("qrt_1", "items")
    assert shown["body"] == '{"ref": "1004", "items": "none"}'
    assert (replayed.code, replayed.json["quarantined"]) == (1, 1)
    assert unasked.code == 2


def test_a_message_that_was_mended_by_hand_is_dismissed(with_orders: Installation) -> None:
    """With a reason; it leaves the list, keeps its time line, and is not replayed. The import that mended it is in the log as well."""
    why = ("--reason", "Order 1004 was mended")
    mended = with_orders("orders", "import", with_orders.write("mended.json", with_orders.order("1004")))

    unreasoned = with_orders("quarantine", "dismiss", "qrt_1")
    rehearsed = with_orders("quarantine", "dismiss", "qrt_1", *why, "--dry-run", "--json").json
    dismissed = with_orders("quarantine", "dismiss", "qrt_1", *why)
    listed = with_orders("quarantine", "list", "--json").json["quarantine"]
    [of_all] = with_orders("quarantine", "list", "--all", "--json").json["quarantine"]
    shown = with_orders("quarantine", "show", "qrt_1").out
    replayed = with_orders("quarantine", "replay", "qrt_1")
    traced = with_orders("trace", "qrt_1", "--json").json["events"]
    entries = with_orders("audit", "list", "--json").json["entries"]

    assert (mended.code, unreasoned.code, dismissed.out, listed) == (0, 2, "Dismissed 1 message.\n", [])
    assert rehearsed == {"dismissed": ["qrt_1"], "dry_run": True}
    assert (of_all["state"], of_all["dismissed_because"]) == ("dismissed", "Order 1004 was mended")
    assert "Order 1004 was mended" in shown
    assert (replayed.code, "was dismissed by" in replayed.err, "orders import FILE" in replayed.err) == (1, True, True)
    assert traced[-1]["event"] == "quarantine_dismissed"
    assert [(entry["action"], entry["subject"]) for entry in entries[:3]] == [
        ("quarantine_dismissed", "qrt_1"),
        ("orders_imported", "mended.json"),
        ("orders_import_begun", "mended.json"),
    ]
    assert entries[1]["detail"].startswith("1 new or newer,")


def test_verify_proves_and_finds_what_somebody_changed(with_invoice: Installation) -> None:
    """Exit code 7 and the list, where a check fails."""
    import sqlite3  # noqa: PLC0415 - only here: somebody with a tool of their own

    proved = with_invoice("verify", "--json")
    with sqlite3.connect(with_invoice.folder / "var/billhook.db") as connection:
        connection.execute("UPDATE orders SET document_id = NULL")
    found = with_invoice("verify", "--json")

    assert (proved.code, proved.json["ok"]) == (0, True)
    assert all(check.keys() == {"name", "ok", "detail"} for check in proved.json["checks"])
    assert (found.code, found.json["ok"]) == (7, False)


def test_everything_can_be_traced(with_invoice: Installation) -> None:
    """An order's line leads to its invoice, by whose word it was issued, on to the delivery, and ends with how the order stands now."""
    with_invoice("worker", "--until-idle")

    events = with_invoice("trace", "1001", "--json").json["events"]

    assert [event["event"] for event in events] == [
        "accepted",
        "invoices_run",
        "issued",
        "owed",
        "delivered",
        "invoiced",
    ]


def test_what_does_not_exist_has_its_own_code(billhook: Installation) -> None:
    """Exit code 5, with nothing on stdout."""
    for arguments in (
        ("orders", "show", "4711"),
        ("orders", "explain", "4711"),
        ("invoices", "show", "INV-4711"),
        ("invoices", "run", "--company", "4711"),
        ("deliveries", "show", "dlv_4711"),
        ("quarantine", "show", "qrt_4711"),
        ("trace", "4711"),
    ):
        done = billhook(*arguments)

        assert (done.code, done.out) == (5, ""), arguments


def test_piped_tables_are_plain(with_orders: Installation) -> None:
    """Columns with tabs, so that `cut` and `grep` work."""
    lines = with_orders("orders", "list").out.splitlines()

    assert lines[0].split("\t")[:4] == ["ref", "company", "status", "decision"]
    assert lines[1].split("\t")[:4] == ["1001", "777", "8", "due"]
