"""What is set up in an organisation: itself, its accounts, tax rates and currencies. Read only."""

from tests.fakes.xero.task import Task
from tests.fakes.xero.where import matching
from tests.fakes.xero.wire import Answer, Body

_LEGAL = {"OrganisationType": "COMPANY", "OrganisationEntityType": "COMPANY", "OrganisationStatus": "ACTIVE", "Class": "PREMIUM"}
_YEAR = {"FinancialYearEndDay": 31, "FinancialYearEndMonth": 12, "SalesTaxBasis": "ACCRUALS", "SalesTaxPeriod": "QUARTERLY"}


def read_organisation(task: Task) -> Answer:
    """The organisation of the tenant; lock dates only where they are set."""
    organisation, settings = task.organisation, task.organisation.settings
    shown: Body = {
        "OrganisationID": organisation.tenant_id,
        "Name": settings.name,
        "LegalName": settings.name,
        "PaysTax": True,
        "Version": "UK" if settings.country == "GB" else "GLOBAL",
        "BaseCurrency": settings.base_currency,
        "CountryCode": settings.country,
        "IsDemoCompany": False,
        "PeriodLockDate": settings.period_lock_date,
        "EndOfYearLockDate": settings.end_of_year_lock_date,
        "CreatedDateUTC": organisation.opened_at,
        "Timezone": "GMTSTANDARDTIME" if settings.country == "GB" else "WEUROPESTANDARDTIME",
        "Edition": "BUSINESS",
        "ShortCode": "!24K6b",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    return task.answer("Organisations", [shown | _LEGAL | _YEAR])


def list_accounts(task: Task) -> Answer:
    """The chart of accounts, archived ones too."""
    accounts = [account.shown() | {"UpdatedDateUTC": task.organisation.opened_at} for account in task.organisation.settings.accounts]
    return task.answer("Accounts", matching(task.modified(accounts), task.call.query.get("where")))


def list_tax_rates(task: Task) -> Answer:
    """All tax rates, also those that no longer apply."""
    rates = [rate.shown() for rate in task.organisation.settings.tax_rates]
    return task.answer("TaxRates", matching(rates, task.call.query.get("where")))


def list_currencies(task: Task) -> Answer:
    """The currencies that the organisation is subscribed to."""
    return task.answer("Currencies", [{"Code": code, "Description": code} for code in task.organisation.settings.currencies])
