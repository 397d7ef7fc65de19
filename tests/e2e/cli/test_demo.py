from tests.e2e.cli.conftest import COMPANIES, Installation


def test_the_demo_does_the_main_job_and_the_second_time_invoices_nothing(empty: Installation) -> None:
    """Orders in, invoices out, PDFs and mails on the disk; whatever servers are set, it uses none."""
    first = empty("demo", "--json", smtp_url="smtp://mail.example")
    written = {file: file.stat().st_mtime_ns for file in (empty.folder / "var/demo").iterdir()}
    second = empty("demo", "--json")
    verified = empty("verify")

    assert (first.code, second.code, verified.code) == (0, 0, 0)
    assert len(first.json["issued"]) == len(first.json["documents"]) == first.json["delivered"] == len(written)
    assert len(list((empty.folder / "var/mail").glob("dlv-*.eml"))) == first.json["delivered"]
    assert all(file.read_bytes().startswith(b"%PDF-") for file in written)
    assert first.json["quarantined"] > 0
    assert {"on_hold", "price_missing"} <= first.json["skipped"].keys()
    assert (second.json["issued"], second.json["delivered"]) == ([], 0)
    assert second.json["documents"] == first.json["documents"]
    assert {file: file.stat().st_mtime_ns for file in (empty.folder / "var/demo").iterdir()} == written


def test_the_demo_says_what_to_try_next(empty: Installation) -> None:
    """And where its files are."""
    done = empty("demo")

    assert done.code == 0
    assert str(empty.folder / "var/demo") in done.out
    assert str(empty.folder / "var/mail") in done.out
    assert "orders explain" in done.err


def test_the_demo_refuses_a_folder_with_data_that_are_not_its_own(billhook: Installation) -> None:
    """It would overwrite a seller of that name, and issue numbers of its series."""
    before = billhook("export").out

    refused = billhook("demo")
    elsewhere = billhook("demo", "--json", data_dir="demo")

    assert (refused.code, refused.out) == (2, "")
    assert "BILLHOOK_DATA_DIR=demo billhook demo" in refused.err
    assert billhook("export").out == before
    assert billhook("orders", "list", "--json").json["orders"] == []
    assert elsewhere.code == 0


def test_the_demo_refuses_its_own_folder_once_more_is_declared_there(empty: Installation) -> None:
    """Somebody went on from the demo: what they declared is theirs."""
    empty("demo")
    alone = COMPANIES[COMPANIES.index("\ncompanies:") + 1 : COMPANIES.index("price_lists:")].replace('"777"', '"888"')
    assert empty("apply", "-f", empty.write("more.yaml", alone)).code == 0

    assert empty("demo").code == 2


def test_the_demo_mails_its_alerts(empty: Installation) -> None:
    """As a worker does: what cannot be invoiced is told to `errors_to`."""
    assert empty("demo").code == 0

    mails = [file.read_text(encoding="utf-8") for file in (empty.folder / "var/mail").glob("*.eml")]
    assert any("To: ops@acme.example" in mail for mail in mails)
