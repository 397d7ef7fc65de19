from concurrent.futures import ThreadPoolExecutor

from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of


def test_a_customer_keeps_the_number_it_was_given_and_gets_defaults(caller: Caller) -> None:
    """As recorded: kronor, price list A, a company with Swedish VAT, invoices on paper."""
    customer = caller.customer(CustomerNumber="ACME-1", CountryCode="SE")

    assert customer["CustomerNumber"] == "ACME-1"
    assert (customer["Currency"], customer["PriceList"], customer["Type"], customer["VATType"]) == ("SEK", "A", "COMPANY", "SEVAT")
    assert customer["DefaultDeliveryTypes"]["Invoice"] == "PRINT"
    assert customer["Country"] == "Sverige"


def test_a_customer_without_a_number_gets_the_next(caller: Caller) -> None:
    """Names among the numbers do not count."""
    caller.customer(CustomerNumber="41")
    caller.customer(CustomerNumber="ACME-1")

    assert caller.customer()["CustomerNumber"] == "42"


def test_the_answer_to_a_creation_tells_a_useless_location(caller: Caller) -> None:
    """It names the list."""
    answer = caller.post("customers", {"Customer": {"Name": "Åke"}})

    assert (answer.status_code, answer.headers["Location"]) == (201, "customers")


def test_a_customer_number_is_never_given_twice(caller: Caller) -> None:
    """Not even after the customer was deleted."""
    caller.customer(CustomerNumber="A1")

    assert code_of(caller.post("customers", {"Customer": {"Name": "B", "CustomerNumber": "A1"}})) == (400, 2000637)
    assert caller.delete("customers/A1").status_code == 204
    assert code_of(caller.get("customers/A1")) == (404, 2000433)
    assert code_of(caller.post("customers", {"Customer": {"Name": "B", "CustomerNumber": "A1"}})) == (400, 2000637)


def test_of_many_that_ask_for_one_number_at_once_one_gets_it(fake_fortnox: FakeFortnox) -> None:
    """The others are told that it is used."""
    fake_fortnox.add_company()

    def create(_: int) -> int:
        with Caller(fake_fortnox) as caller:
            return caller.post("customers", {"Customer": {"Name": "Åke", "CustomerNumber": "A1"}}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(8)))

    assert statuses == [201] + [400] * 7
    assert len(fake_fortnox.effects("created")) == 1


def test_a_customer_with_documents_cannot_be_deleted(caller: Caller) -> None:
    """It stays for their sake."""
    caller.customer(CustomerNumber="A1")
    caller.invoice(CustomerNumber="A1")

    assert caller.delete("customers/A1").status_code == 400


def test_a_change_touches_only_what_it_names(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Empty text and null change nothing; API_BLANK empties."""
    caller.customer(CustomerNumber="A1", City="Växjö", Phone1="0470", Comments="VIP")

    changed = caller.put("customers/A1", {"Customer": {"City": "API_BLANK", "Phone1": "", "Comments": None, "ZipCode": "35230"}}).json()

    assert [changed["Customer"][name] for name in ("City", "Phone1", "Comments", "ZipCode")] == [None, "0470", "VIP", "35230"]
    assert changed["Customer"]["Name"] == "Åkes Cykel AB"
    # A null is recorded from Fortnox and not in its contract.
    fake_fortnox.contract_violations.clear()


def test_keys_of_errors_are_small_in_400_and_capital_in_404(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """As recorded."""
    missing = caller.get("customers/none")
    refused = caller.get("invoices", filter="cancelledd")

    assert missing.json() == {"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta kunden.", "Code": 2000433}}
    assert refused.json() == {"ErrorInformation": {"error": 1, "message": "Ett ogiltigt filter har använts.", "code": 2000587}}
    fake_fortnox.contract_violations.clear()


def test_characters_beyond_the_basic_plane_and_control_characters_are_refused(caller: Caller) -> None:
    """2000359, wherever in the document."""
    for text in ("Åke 😀", "Åke\x07"):
        assert code_of(caller.post("customers", {"Customer": {"Name": text}})) == (400, 2000359)


def test_a_misspelt_field_is_refused(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """2001399; and it is against the contract, where that is at hand."""
    assert code_of(caller.post("customers", {"Customer": {"Name": "Åke", "EMail": "a@b.example"}})) == (400, 2001399)

    assert all("EMail" in violation for violation in fake_fortnox.contract_violations)
    fake_fortnox.contract_violations.clear()


def test_a_body_without_its_wrapper_is_refused(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Also one without anything."""
    assert code_of(caller.post("customers", {"Name": "Åke"})) == (400, 2001392)
    assert code_of(caller.post("customers", None)) == (400, 2001392)
    fake_fortnox.contract_violations.clear()


def test_currency_and_terms_of_payment_must_exist(caller: Caller) -> None:
    """Each with its own code."""
    assert code_of(caller.post("customers", {"Customer": {"Name": "Åke", "Currency": "JPY"}})) == (400, 2004344)
    assert code_of(caller.post("customers", {"Customer": {"Name": "Åke", "TermsOfPayment": "77"}})) == (400, 2000429)


def test_what_the_user_may_not_see_is_text_whatever_its_type(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """API_NORIGHT."""
    fake_fortnox.companies["1000"].hidden_fields.add("Active")
    caller.customer(CustomerNumber="A1")

    assert caller.get("customers/A1").json()["Customer"]["Active"] == "API_NORIGHT"
