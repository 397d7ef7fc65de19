"""What the company's administrator set up, as the API shows it: read only."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tests.fakes.fortnox.amounts import number
from tests.fakes.fortnox.company import Company
from tests.fakes.fortnox.errors import not_there
from tests.fakes.fortnox.listing import page_of

_WRAPPERS = {
    "currencies": ("Currency", "Currencies"),
    "termsofpayments": ("TermsOfPayment", "TermsOfPayments"),
    "modesofpayments": ("ModeOfPayment", "ModesOfPayments"),
    "units": ("Unit", "Units"),
}
_MODES = {"BG": (1920, "Bankgiro"), "KONTANT": (1910, "Kontant"), "PG": (1920, "Plusgiro")}


def one_of(company: Company, resource: str, code: str) -> dict[str, Any]:
    """GET of one entry."""
    entry = next((entry for entry in _entries(company, resource) if entry["Code"] == code), None)
    if entry is None:
        raise not_there(resource)
    return {_WRAPPERS[resource][0]: entry}


def all_of(company: Company, resource: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """GET of the list."""
    return page_of(_WRAPPERS[resource][1], _entries(company, resource), asked)


def company_information(company: Company) -> dict[str, Any]:
    """GET /3/companyinformation; the number is the tenant's id."""
    address = {"Address": "Storgatan 1", "City": "Växjö", "CountryCode": "SE", "ZipCode": "35230"}
    visit = {f"Visit{name}": value for name, value in address.items()}
    names = {"CompanyName": company.name, "DatabaseNumber": int(company.tenant_id), "OrganizationNumber": "556469-6291"}
    return {"CompanyInformation": address | visit | names}


def company_settings(company: Company) -> dict[str, Any]:
    """GET /3/settings/company; here the number is text."""
    address = {"Address": "Storgatan 1", "City": "Växjö", "Country": "Sverige", "CountryCode": "SE", "ZipCode": "35230"}
    names = {"Name": company.name, "DatabaseNumber": company.tenant_id, "OrganizationNumber": "556469-6291", "VATNumber": "SE556469629101"}
    return {"CompanySettings": address | names | {"BG": "123-4567", "Email": "faktura@provbolaget.example", "TaxEnabled": True}}


def locked_period(company: Company) -> dict[str, Any]:
    """GET /3/settings/lockedperiod; without a date where nothing is locked."""
    return {"LockedPeriod": {"EndDate": company.locked_until.isoformat() if company.locked_until else None}}


def _entries(company: Company, resource: str) -> list[dict[str, Any]]:
    found = {code: _entry(company, resource, code) for code in _codes(company, resource)}
    return [{"@url": f"{company.url}/3/{resource}/{quote(code)}", "Code": code} | entry for code, entry in found.items()]


def _codes(company: Company, resource: str) -> list[str]:
    codes: Mapping[str, Iterable[str]] = {
        "currencies": company.currencies,
        "termsofpayments": company.terms_of_payment,
        "modesofpayments": _MODES,
        "units": company.units,
    }
    return sorted(codes[resource])


def _entry(company: Company, resource: str, code: str) -> dict[str, Any]:
    if resource == "currencies":
        rate = number(company.currencies[code])
        today = company.today().isoformat()
        return {"BuyRate": rate, "Date": today, "Description": code, "IsAutomatic": False, "SellRate": rate, "Unit": 1}
    if resource == "modesofpayments":
        account, description = _MODES[code]
        return {"AccountNumber": str(account), "Description": description}
    if resource == "units":
        return {"CodeEnglish": "", "Description": company.units[code]}
    return {"Description": company.terms_of_payment[code]}
