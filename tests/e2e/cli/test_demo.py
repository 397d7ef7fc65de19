from tests.e2e.cli.conftest import Installation


def test_the_demo_does_the_main_job_and_the_second_time_invoices_nothing(empty: Installation) -> None:
    """Orders in, invoices out, PDFs and mails on the disk; whatever servers are set, it uses none."""
    first = empty("demo", "--json", smtp_url="smtp://mail.example")
    written = {file: file.stat().st_mtime_ns for file in (empty.folder / "var/demo").iterdir()}
    second = empty("demo", "--json")
    verified = empty("verify")

    assert (first.code, second.code, verified.code) == (0, 0, 0)
    assert len(first.json["issued"]) == len(first.json["documents"]) == first.json["delivered"] == len(written)
    assert len(list((empty.folder / "var/mail").glob("*.eml"))) == first.json["delivered"]
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
