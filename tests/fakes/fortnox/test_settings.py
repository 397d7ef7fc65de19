import pytest

from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of


def test_the_company_is_told_in_two_places(caller: Caller) -> None:
    """Its number is the tenant's id: once a number, once text."""
    information = caller.get("companyinformation").json()["CompanyInformation"]
    settings = caller.get("settings/company").json()["CompanySettings"]

    assert (information["DatabaseNumber"], information["CompanyName"]) == (1000, "Provbolaget AB")
    assert (settings["DatabaseNumber"], settings["Name"]) == ("1000", "Provbolaget AB")


@pytest.mark.parametrize(
    ("path", "wrapper", "codes"),
    [
        ("currencies", "Currencies", ["EUR", "SEK"]),
        ("termsofpayments", "TermsOfPayments", ["10", "30", "K"]),
        ("modesofpayments", "ModesOfPayments", ["BG", "KONTANT", "PG"]),
        ("units", "Units", ["h", "km", "st"]),
    ],
)
def test_registers_are_listed_by_code(fake_fortnox: FakeFortnox, path: str, wrapper: str, codes: list[str]) -> None:
    """With pages, as all lists."""
    fake_fortnox.add_company(terms_of_payment=("30", "10", "K"))
    with Caller(fake_fortnox) as caller:
        listed = caller.get(path).json()
        one = caller.get(f"{path}/{codes[0]}").json()

    assert [entry["Code"] for entry in listed[wrapper]] == codes
    assert listed["MetaInformation"]["@TotalResources"] == len(codes)
    assert next(iter(one.values()))["Code"] == codes[0]


def test_a_term_of_payment_that_does_not_exist_is_not_found(caller: Caller) -> None:
    """As recorded."""
    assert code_of(caller.get("termsofpayments/77")) == (404, 2000429)


def test_other_forms_than_json_are_refused(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Each way with its code."""
    answer = caller._session.get(f"{fake_fortnox.api_url}/3/customers", headers={"Accept": "application/xml"}, timeout=20)
    sent = caller._session.post(
        f"{fake_fortnox.api_url}/3/customers", data="<Customer/>", headers={"Content-Type": "application/xml"}, timeout=20
    )

    assert code_of(answer) == (400, 1000030)
    assert code_of(sent) == (400, 1000031)
    fake_fortnox.contract_violations.clear()


def test_what_is_set_up_leaves_neither_calls_nor_effects(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """It was there before the test."""
    fake_fortnox.set_up("1000", "customers", CustomerNumber="C1", Name="Åke")
    fake_fortnox.set_up("1000", "invoices", CustomerNumber="C1", ExternalInvoiceReference1="key-1")

    assert (fake_fortnox.effects(), fake_fortnox.calls.total()) == ([], 0)
    assert caller.get("invoices/1").json()["Invoice"]["ExternalInvoiceReference1"] == "key-1"


def test_an_address_that_the_fake_does_not_serve_is_told_as_its_own_fault(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Nobody shall rely on an answer that was never thought about."""
    assert caller.get("projects").status_code == 500
    assert caller.get("invoices", label="1").status_code == 500

    assert ["NotServed" in crash for crash in fake_fortnox.crashes] == [True, True]
    fake_fortnox.crashes.clear()
