"""Customers in Fortnox: found, made, changed, and never doubled or merged in silence."""

from typing import Any

import pytest

from domain.delivery.outcome import Refused
from tests.contracts.accounting.fortnox.house import FortnoxHouse, a_swedish_party, all_delivered, an_invoice
from tests.factories import VAT_NUMBERS, an_address

ZOE = a_swedish_party()


def test_a_person_becomes_a_private_customer(house: FortnoxHouse) -> None:
    house.deliver(an_invoice())

    there = house.customer()
    assert (there["Type"], there["Name"], there["Email"]) == ("PRIVATE", "Zoë Ångström", "zoe@example.com")
    assert (there["Address1"], there["ZipCode"], there["City"], there["CountryCode"]) == ("Storgatan 1", "352 30", "Växjö", "SE")
    assert there["VATType"] == "SEVAT"


def test_a_company_name_becomes_a_company_with_a_contact(house: FortnoxHouse) -> None:
    house.deliver(an_invoice(1, billing=a_swedish_party(name="Åkes Cykel AB", contact="Åke Ek")))

    there = house.customer()
    assert (there["Type"], there["Name"], there["YourReference"]) == ("COMPANY", "Åkes Cykel AB", "Åke Ek")
    assert house.invoice()["YourReference"] == "Åke Ek"


def test_the_billed_company_itself_is_a_company(house: FortnoxHouse) -> None:
    house.bills_customers = False

    house.deliver(an_invoice(1, to_company=True))

    assert (house.customer()["Type"], house.customer()["Name"]) == ("COMPANY", "Gift Shop Ltd")


def test_a_company_that_names_nobody_is_a_company_all_the_same(house: FortnoxHouse) -> None:
    """It comes as its own contact, which is no person to write to."""
    house.deliver(an_invoice(1, billing=a_swedish_party(name="Ensam AB", contact="Ensam AB")))

    assert (house.customer()["Type"], house.customer()["YourReference"]) == ("COMPANY", "")
    assert house.invoice()["YourReference"] == ""


@pytest.mark.parametrize("email", ["ZOE@Example.com", " zoe@example.com ", "zoe @example.com"])
@pytest.mark.parametrize("name", ["Zoë Ångström", "ZOË  ÅNGSTRÖM", "Zoe Angstrom"])
def test_another_spelling_is_the_same_customer(house: FortnoxHouse, email: str, name: str) -> None:
    house.deliver(an_invoice(1))

    assert all_delivered(house.deliver(an_invoice(2, billing=a_swedish_party(email=email, name=name))))

    assert len(house.company.customers) == 1


def test_a_customer_that_fortnox_has_already_is_found_by_its_mailbox_and_updated(house: FortnoxHouse) -> None:
    house.fortnox.set_up("1000", "customers", Name="zoë ångström", Email="Zoe@Example.com", Address2="c/o Ek", Comments="pays late")

    house.deliver(an_invoice())

    there = house.customer()
    assert (there["Name"], there["Address1"], there["Comments"]) == ("zoë ångström", "Storgatan 1", "pays late")
    assert not there["Address2"]


def test_a_blank_in_a_mailbox_is_a_slip_and_no_other_customer(house: FortnoxHouse) -> None:
    """Fortnox's filter would find nobody by it."""
    house.fortnox.set_up("1000", "customers", Name="Zoë Ångström", Email="zoe@example.com")

    assert all_delivered(house.deliver(an_invoice(1, billing=a_swedish_party(email="zoe @example.com\u200b"))))

    assert house.customer()["Email"] == "zoe@example.com"


def test_a_customer_s_own_fee_freight_and_discount_change_nothing_that_is_owed(house: FortnoxHouse) -> None:
    """Fortnox fills in what a document leaves out."""
    own = {"InvoiceAdministrationFee": "29", "InvoiceFreight": "49", "InvoiceDiscount": 10}
    house.fortnox.set_up("1000", "customers", Name="Zoë Ångström", Email="zoe@example.com", **own)

    assert all_delivered(house.deliver(an_invoice(1)))

    assert house.invoice()["Total"] == 20


def test_a_mailbox_that_is_only_a_part_of_another_is_another_one(house: FortnoxHouse) -> None:
    house.fortnox.set_up("1000", "customers", Name="Zoë Ångström", Email="big-zoe@example.com")

    house.deliver(an_invoice())

    assert len(house.company.customers) == 2


def test_of_a_shared_mailbox_the_customer_of_the_same_name_is_taken(house: FortnoxHouse) -> None:
    for name in ("Bo Ek", "Zoë Ångström"):
        house.fortnox.set_up("1000", "customers", Name=name, Email="zoe@example.com")

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoice()["CustomerName"] == "Zoë Ångström"
    assert len(house.company.customers) == 2


def test_a_shared_mailbox_merges_nobody_and_doubles_nobody(house: FortnoxHouse) -> None:
    """Whether Bo is Zoë's other name only a person knows."""
    house.deliver(an_invoice(1))

    [refused] = house.deliver(an_invoice(2, billing=a_swedish_party(name="Bo Ek")))

    assert isinstance(refused, Refused)
    assert refused.code == "customer_shares_email"
    assert house.customer()["CustomerNumber"] in refused.text
    assert house.customer()["Name"] == "Zoë Ångström"
    house.fortnox.set_up("1000", "customers", Name="Bo Ek", Email="zoe@example.com")
    assert all_delivered(house.deliver(an_invoice(2, billing=a_swedish_party(name="Bo Ek"))))


def test_several_customers_of_one_name_and_mailbox_are_left_to_a_person(house: FortnoxHouse) -> None:
    for _ in range(2):
        house.fortnox.set_up("1000", "customers", Name="Zoë Ångström", Email="zoe@example.com")

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "customer_ambiguous"
    assert "1 (Zoë Ångström), 2 (Zoë Ångström)" in refused.text


def test_customers_without_a_mailbox_are_told_apart_by_name_and_address(house: FortnoxHouse) -> None:
    nobody: dict[str, Any] = {"email": ""}
    elsewhere = an_address(line1="Torget 5", city="Lund", postcode="222 22", country="SE")

    house.deliver(an_invoice(1, billing=a_swedish_party(**nobody)))
    house.deliver(an_invoice(2, billing=a_swedish_party(**nobody, name="zoë ångström")))
    house.deliver(an_invoice(3, billing=a_swedish_party(**nobody, address=elsewhere)))

    assert len(house.company.customers) == 2


def test_a_new_address_is_written_once(house: FortnoxHouse) -> None:
    house.deliver(an_invoice(1))
    moved = a_swedish_party(address=an_address(line1="Torget 5", city="Lund", postcode="222 22", country="SE"))

    house.deliver(an_invoice(2, billing=moved), an_invoice(3, billing=moved))

    assert house.customer()["City"] == "Lund"
    assert [effect.kind for effect in house.fortnox.effects() if effect.resource == "customers"] == ["created", "changed"]


def test_a_business_in_another_member_state_is_booked_as_reverse_charge(house: FortnoxHouse) -> None:
    buyer = a_swedish_party(
        name="Cadeaus BV",
        contact="Jan de Wit",
        address=an_address(country="NL"),
        vat_number=VAT_NUMBERS["NL"],
        vat_number_valid=True,
    )

    assert all_delivered(house.deliver(an_invoice(1, billing=buyer, currency="EUR")))

    there = house.customer()
    assert (there["VATType"], there["VATNumber"], there["CountryCode"]) == ("EUREVERSEDVAT", VAT_NUMBERS["NL"], "NL")
    assert (house.invoice()["TotalVAT"], {row["AccountNumber"] for row in house.invoice()["InvoiceRows"]}) == (0, {3108})


def test_a_sale_outside_the_union_is_booked_as_export(house: FortnoxHouse) -> None:
    buyer = a_swedish_party(address=an_address(country="GB"))

    assert all_delivered(house.deliver(an_invoice(1, billing=buyer, shipping=buyer)))

    assert house.customer()["VATType"] == "EXPORT"


def test_a_default_customer_gets_all_documents_with_the_buyer_s_name_on_them(house: FortnoxHouse) -> None:
    house.settings |= {"default_customer": "77"}
    house.fortnox.set_up("1000", "customers", CustomerNumber="77", Name="Webbkunder", Address2="Box 5")

    house.deliver(an_invoice(1), an_invoice(2, billing=a_swedish_party(name="Bo Ek", email="bo@example.com")))

    assert [house.invoice(key)["CustomerName"] for key in ("INV-000001", "INV-000002")] == ["Zoë Ångström", "Bo Ek"]
    there = house.invoice("INV-000002")
    assert [there[name] for name in ("Address1", "Address2", "City", "Country")] == ["Storgatan 1", "", "Växjö", "Sverige"]
    assert house.customer()["Name"] == "Webbkunder"


def test_a_default_customer_that_is_not_there_is_told(house: FortnoxHouse) -> None:
    house.settings |= {"default_customer": "77"}

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "customer_missing"
    assert "default_customer of 501/fortnox" in refused.next_step


def test_a_default_customer_does_not_book_an_export_as_a_swedish_sale(house: FortnoxHouse) -> None:
    house.settings |= {"default_customer": "77"}
    house.fortnox.set_up("1000", "customers", CustomerNumber="77", Name="Webbkunder")
    abroad = a_swedish_party(address=an_address(country="GB"))

    [refused] = house.deliver(an_invoice(1, billing=abroad, shipping=abroad))

    assert isinstance(refused, Refused)
    assert refused.code == "customer_vat_type"


def test_an_inactive_customer_is_told(house: FortnoxHouse) -> None:
    house.fortnox.set_up("1000", "customers", Name="Zoë Ångström", Email="zoe@example.com", Active=False)

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "customer_inactive"


def test_what_the_app_may_not_see_of_a_customer_stands_in_nobody_s_way(house: FortnoxHouse) -> None:
    """Fortnox writes API_NORIGHT, also where a truth value is expected."""
    house.company.hidden_fields |= {"Active", "VATType"}
    house.settings |= {"default_customer": "77"}
    house.fortnox.set_up("1000", "customers", CustomerNumber="77", Name="Webbkunder")

    assert all_delivered(house.deliver(an_invoice()))
