"""The fake Fortnox: one HTTP server for its authorization server and its API, any number of companies and apps."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.fakes.fortnox.api import Api
from tests.fakes.fortnox.company import CURRENCIES, TERMS_OF_PAYMENT, Company, Effect, Kept, SentMail
from tests.fakes.fortnox.contract import checked_against
from tests.fakes.fortnox.errors import Refused
from tests.fakes.fortnox.limits import TOO_MANY, SlidingWindow
from tests.fakes.fortnox.oauth import App, Authority
from tests.fakes.vendor_server import Clock, Reply, Request, VendorServer

SCOPES = ("customer", "article", "order", "invoice", "currency", "settings", "companyinformation")


class FakeFortnox(VendorServer):
    """Serves while its ``with`` block runs; real time unless a clock is given.

    ``calls_max`` is the number of calls a company may make in 5 seconds, None for no limit. ``consenting_tenant_id`` is the company
    that the person at the consent page chooses: the first one unless set. ``scope_refusal_status``: Fortnox was seen with 400 and 403.
    """

    def __init__(self, clock: Clock | None = None, calls_max: int | None = 25) -> None:
        super().__init__(clock)
        self.companies: dict[str, Company] = {}
        self.consenting_tenant_id: str | None = None
        self.authority = Authority(self.clock, self._consenting)
        self.window = SlidingWindow(self.clock, calls_max)
        self.scope_refusal_status = 403
        self._api = Api(self)

    @property
    def api_url(self) -> str:
        """What ``/3/customers`` is put behind."""
        return self.url

    @property
    def auth_url(self) -> str:
        """What ``/auth``, ``/token`` and ``/revoke`` are put behind."""
        return f"{self.url}/oauth-v1"

    @property
    def apps_url(self) -> str:
        """The root that ``/oauth-v1`` is below: what an operator sets as Fortnox's address for consent."""
        return self.url

    @property
    def emails_sent(self) -> list[SentMail]:
        """What was mailed for all companies."""
        return [mail for company in self.companies.values() for mail in company.emails_sent]

    def effects(self, kind: str = "") -> list[Effect]:
        """What was done in all companies, in order within each; only effects of that kind where it is given."""
        return [effect for company in self.companies.values() for effect in company.effects if kind in {"", effect.kind}]

    def add_company(
        self,
        tenant_id: str = "1000",
        name: str = "Provbolaget AB",
        *,
        currencies: Iterable[str] | Mapping[str, Decimal] = ("SEK", "EUR"),
        vat_rates: Iterable[int] = (25, 12, 6, 0),
        terms_of_payment: Iterable[str] = tuple(TERMS_OF_PAYMENT),
        whole_krona: bool = False,
        easy_vat: bool = False,
        articles: Mapping[str, str] | None = None,
        locked_until: date | None = None,
    ) -> Company:
        """A company; ``tenant_id`` is digits, ``articles`` descriptions by number. Other settings are attributes of what comes back."""
        rates = currencies if isinstance(currencies, Mapping) else {code: CURRENCIES[code] for code in currencies}
        terms = {code: TERMS_OF_PAYMENT.get(code, code) for code in terms_of_payment}
        company = Company(tenant_id, name, self.clock, self.api_url, dict(rates), tuple(vat_rates), terms_of_payment=terms)
        company.whole_krona, company.easy_vat, company.locked_until = whole_krona, easy_vat, locked_until
        self.companies[tenant_id] = company
        for number, description in (articles or {}).items():
            self._api.set_up(company, "articles", {"ArticleNumber": number, "Description": description})
        return company

    def set_up(self, tenant_id: str, resource: str, **fields: Any) -> Kept:
        """A customer, article, invoice or order of before the test, made as a POST would make it, without a call or an effect."""
        return self._api.set_up(self.companies[tenant_id], resource, fields)

    def add_app(self, client_id: str, client_secret: str, redirect_uri: str, scopes: Iterable[str] = SCOPES) -> App:
        """An integration that is registered with Fortnox."""
        app = App(client_id, client_secret, redirect_uri, frozenset(scopes))
        self.authority.apps[client_id] = app
        return app

    def consent(self, client_id: str, tenant_id: str) -> None:
        """A system administrator allowed the app a service account, for all its scopes."""
        self.authority.consent(client_id, tenant_id)

    def token(self, tenant_id: str, scopes: Iterable[str] = SCOPES) -> str:
        """An access token without any OAuth, for a test that is about the API."""
        return self.authority.access_token("test", tenant_id, frozenset(scopes))

    def answer(self, request: Request) -> Reply:
        if request.segments[0] == "oauth-v1":
            return self.authority.answer(request)
        reply = self._api.answer(request)
        self.contract_violations.extend(checked_against(request, reply))
        return reply

    def error_reply(self, status: int) -> Reply:
        if status == TOO_MANY.status:
            return TOO_MANY
        return Refused(1000003, "Ett systemfel har inträffat.", status).reply()

    def _consenting(self) -> str:
        return self.consenting_tenant_id or next(iter(self.companies))
