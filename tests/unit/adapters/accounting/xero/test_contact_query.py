from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.xero.contact_query import email_question, name_question, with_email, with_name
from adapters.accounting.xero.contacts import customer_key, new_contact
from tests.factories import a_party


@given(st.text(max_size=60) | st.emails())
def test_no_address_gets_out_of_its_filter(email: str) -> None:
    question = email_question(email)

    assert question is None or question == {"where": f'EmailAddress=="{email}"'}
    assert question is None or not {'"', "\\", " "} & set(email)


@given(st.text(min_size=1, max_size=60))
def test_no_name_gets_out_of_its_filter(name: str) -> None:
    question = name_question(name)

    if "where" in question:
        assert question["where"].count('"') == 2
        assert "\\" not in question["where"]
    else:
        assert question["searchTerm"] in name


def test_of_what_xero_finds_only_the_very_address_counts() -> None:
    """Xero compares without accents, and shows archived contacts to whom asks for them."""
    found = [
        {"ContactID": "1", "EmailAddress": "zoé@example.com"},
        {"ContactID": "2", "EmailAddress": "ZOE@example.com", "ContactStatus": "ARCHIVED"},
        {"ContactID": "3", "EmailAddress": "ZOE@example.com", "MergedToContactID": "9"},
        {"ContactID": "4", "EmailAddress": "ZOE@Example.com", "ContactStatus": "ACTIVE"},
    ]

    assert [contact["ContactID"] for contact in with_email(found, "zoe@example.com")] == ["4"]


def test_the_very_name_goes_before_one_in_another_case() -> None:
    found = [{"ContactID": "1", "Name": "GIFT SHOP"}, {"ContactID": "2", "Name": "Gift Shop"}]

    assert [contact["ContactID"] for contact in with_name(found, "Gift Shop")] == ["2"]
    assert [contact["ContactID"] for contact in with_name(found[:1], "Gift  Shop")] == ["1"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_customers_key_fits_the_field(email: str, name: str) -> None:
    key = customer_key(a_party(email=email, name=name))

    assert len(key) == 35
    assert key.isascii()
    assert new_contact(key, a_party(name=name))["ContactNumber"] == key


def test_a_customer_is_known_by_the_address_and_without_one_by_name_and_place() -> None:
    zoe = a_party()

    assert customer_key(zoe) == customer_key(a_party(email="ZOE@Example.com", name="Z. A."))
    assert customer_key(zoe) != customer_key(a_party(email=""))
    assert customer_key(a_party(email="")) != customer_key(a_party(email="", name="Another"))
