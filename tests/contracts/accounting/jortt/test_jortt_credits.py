"""Credit notes in jortt, and what is read there: the check and the books."""

from application.ports.ledger import RemoteState
from domain.delivery.outcome import Delivered, Refused
from tests.contracts.accounting.jortt.house import COMPANY, SELLER, ZOE, JorttHouse, a_credit_note, all_delivered, an_invoice
from tests.factories import an_issued, an_order, terms


def test_a_credit_note_turns_its_invoice_round_and_carries_our_number(house: JorttHouse) -> None:
    house.settings["status"] = "sent"
    assert all_delivered(house.deliver(an_invoice()))

    [outcome] = house.deliver(a_credit_note(an_invoice()))

    assert isinstance(outcome, Delivered)
    note, invoice = house.invoice("CN-000001"), house.invoice()
    assert note["credited_invoice_id"] == invoice["id"]
    assert note["invoice_total_incl_vat"]["amount"] == "-19.36"
    assert note["remarks"] == "INV-000001: 90001"
    assert note["invoice_status"] == "sent"


def test_a_part_of_an_invoice_is_credited_with_its_lines_alone(house: JorttHouse) -> None:
    house.settings["status"] = "sent"
    given = {"currency": "EUR", "billing": ZOE, "shipping_tax_rate": None, "shipping_price": 0}
    orders = [an_order(ref=ref, **given) for ref in ("90001", "90002")]
    invoice = an_issued(*orders, under=terms(COMPANY, SELLER))
    assert all_delivered(house.deliver(invoice))

    assert all_delivered(house.deliver(a_credit_note(invoice, orders=("90002",))))

    assert house.invoice()["invoice_total_incl_vat"]["amount"] == "30.25"
    assert house.invoice("CN-000001")["invoice_total_incl_vat"]["amount"] == "-15.13"


def test_an_invoice_that_is_a_draft_there_cannot_be_credited_yet(house: JorttHouse) -> None:
    assert all_delivered(house.deliver(an_invoice()))

    [refused] = house.deliver(a_credit_note(an_invoice()))

    assert isinstance(refused, Refused)
    assert refused.code == "invoice_is_draft_there"
    assert "INV-000001" in refused.next_step


def test_an_invoice_that_is_not_there_cannot_be_credited(house: JorttHouse) -> None:
    [refused] = house.deliver(a_credit_note(an_invoice()))

    assert isinstance(refused, Refused)
    assert refused.code == "invoice_not_there"


def test_the_books_show_what_carries_a_reference_with_the_signs_of_ours(house: JorttHouse) -> None:
    house.settings["status"] = "sent"
    assert all_delivered(house.deliver(an_invoice(1), an_invoice(2)))
    assert all_delivered(house.deliver(a_credit_note(an_invoice(1))))
    house.settings["status"] = "draft"
    assert all_delivered(house.deliver(an_invoice(3)))
    house.jortt.pay(house.organisation, house.invoice("INV-000002")["id"])

    with house.open_ledger() as ledger:
        books = {each.number: each for each in ledger.documents(None)}

    assert {number: (each.type, each.state, str(each.total)) for number, each in books.items()} == {
        "INV-000001": ("invoice", RemoteState.OPEN, "19.36"),
        "INV-000002": ("invoice", RemoteState.PAID, "19.36"),
        "INV-000003": ("invoice", RemoteState.DRAFT, "19.36"),
        "CN-000001": ("credit_note", RemoteState.OPEN, "19.36"),
    }


def test_the_check_finds_everything_in_order(house: JorttHouse) -> None:
    house.settings |= {"status": "sent", "send_method": "email"}

    with house.open() as destination:
        results = destination.check()

    assert [result.name for result in results] == ["connection", "customers", "invoices", "currency", "customer", "sending"]
    assert all(result.ok for result in results)


def test_the_check_tells_what_is_missing_with_the_next_step(house: JorttHouse) -> None:
    house.settings |= {"status": "sent", "send_method": "peppol", "default_customer": "Nobody"}

    with house.open() as destination:
        failed = {result.name: result for result in destination.check() if not result.ok}

    assert set(failed) == {"customer", "sending"}
    assert all(result.next_step for result in failed.values())


def test_the_check_stops_where_there_is_no_connection(house: JorttHouse) -> None:
    house.organisation.on_mkb_plan = False

    with house.open() as destination:
        [result] = destination.check()

    assert (result.name, result.ok) == ("connection", False)
    assert "plan" in result.next_step


def test_the_version_of_the_api_is_a_setting(house: JorttHouse) -> None:
    """All addresses begin with it."""
    house.settings |= {"path_prefix": "/v4"}
    before = len(house.jortt.requests)

    with house.open() as destination:
        failed = [result.name for result in destination.check() if not result.ok]

    asked = [request.path for request in house.jortt.requests[before:] if "oauth" not in request.path]
    assert asked == ["/v4/organizations/me", "/v4/customers", "/v4/invoices"]
    assert failed == ["customers", "invoices"], "this jortt has another version"
