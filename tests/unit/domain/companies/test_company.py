from domain.parties import Party
from tests.factories import a_company, an_integration


def test_a_company_is_the_buyer_with_all_that_a_document_needs() -> None:
    """Name, address, mail and VAT number."""
    company = a_company()

    assert company.party == Party(company.name, company.address, "", company.email, company.vat_number, vat_number_valid=True)


def test_an_integration_is_called_by_its_company_and_kind_and_by_its_name_where_it_has_one() -> None:
    """Scripts use the path."""
    assert an_integration().path == "501/pdf_emailer"
    assert an_integration(name="north").path == "501/pdf_emailer/north"
