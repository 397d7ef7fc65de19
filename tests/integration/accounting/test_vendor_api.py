"""Calls to a vendor: what goes out, and what it means when no good answer comes."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
import requests

from adapters.accounting.answer import BYTES_MAX, Answer
from adapters.accounting.vendor_api import NotSent, Timeouts, Uncertain, VendorApi
from application.accounting.call_pacer import Budget, CallPacer
from domain.delivery.call_budget import CallLimits, Window
from domain.errors import DomainError, TemporaryFailure
from tests.fakes.vendor_server import Reply, Request, VendorServer
from tests.integration.accounting.office import LANE, Office, open_session


class Vendor(VendorServer):
    """Answers as the test says; counts what it did."""

    def __init__(self) -> None:
        super().__init__()
        self.script: list[Reply] = []
        self.done: list[str] = []

    def answer(self, request: Request) -> Reply:
        reply = self.script.pop(0) if self.script else Reply.of_json({"Total": 1})
        if reply.status < 400:
            self.done.append(request.method)
        return reply

    def error_reply(self, status: int) -> Reply:
        return Reply(status, b"<h1>out of order</h1>", "text/html")


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as vendor:
        yield vendor


def retry_after(headers: Mapping[str, str]) -> tuple[float, str]:
    """As Xero says it."""
    return float(headers.get("Retry-After", "0.5")), headers.get("X-Rate-Limit-Problem", "")


def an_api(office: Office, session: requests.Session, base_url: str, **changes: Any) -> VendorApi:
    pacer = CallPacer(office.units_of_work, office.clock, lambda seconds: office.clock.advance(seconds=seconds))
    parts: dict[str, Any] = {
        "budgets_of": lambda access: [Budget(f"xero:{access.organisation_id}", CallLimits((Window(50, 60.0),), day_calls=5000))],
        "headers_of": lambda access: {"xero-tenant-id": access.organisation_id},
        "read_limits": lambda headers: int(headers["X-DayLimit-Remaining"]) if "X-DayLimit-Remaining" in headers else None,
        "retry_after_of": retry_after,
        "timeouts": Timeouts(2.0, 1.0, 3.0),
    }
    return VendorApi(session, base_url, LANE, "xero", office.app, office.access_tokens, pacer, **{**parts, **changes})


@pytest.fixture
def api(office: Office, vendor: Vendor) -> Iterator[VendorApi]:
    """Of a lane that is connected."""
    office.connect()
    with open_session() as session:
        yield an_api(office, session, vendor.url + "/api")


class Handing:
    """Notes that something is about to have an effect."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.count = 0
        self.refusal = refusal

    def __call__(self) -> None:
        self.count += 1
        if self.refusal:
            raise self.refusal


def test_a_call_carries_token_tenant_and_exact_body(api: VendorApi, vendor: Vendor, office: Office) -> None:
    """And its answer is exact, too."""
    vendor.script.append(Reply(200, b'\xef\xbb\xbf{"Total": 19.20, "Count": 2, "Price": 0.1000}', headers={"X-DayLimit-Remaining": "4990"}))

    answer = api.call("PUT", "/Invoices", params={"unitdp": 4}, body=b'{"a":1}', headers={"Idempotency-Key": "k"})

    request = vendor.requests[-1]
    assert (request.method, request.path, request.query, request.body) == ("PUT", "/api/Invoices", (("unitdp", "4"),), b'{"a":1}')
    assert request.header("Authorization") == f"Bearer {office.current().token}"
    assert request.header("xero-tenant-id") == office.connection().organisation_id
    assert (request.header("Idempotency-Key"), request.header("Content-Type")) == ("k", "application/json")
    assert answer.json() == {"Total": Decimal("19.20"), "Count": 2, "Price": Decimal("0.1000")}
    assert str(answer.json()["Total"]) == "19.20"
    key = f"xero:{office.connection().organisation_id}"
    with office.units_of_work() as uow:
        assert uow.call_budgets.find(key).day_left == 4990


def test_handing_over_comes_last_and_may_say_no(api: VendorApi, vendor: Vendor) -> None:
    """Once for each writing call, and nothing is done where it refuses."""
    handing, refusing = Handing(), Handing(LookupError("the lease is void"))

    api.call("POST", "/Invoices", body=b"{}", handing_over=handing)
    api.call("GET", "/invoices/1/email", handing_over=handing)
    for method, body in (("POST", b"{}"), ("GET", None)):
        with pytest.raises(LookupError, match="void"):
            api.call(method, "/Invoices", body=body, handing_over=refusing)

    assert (handing.count, refusing.count, vendor.done) == (2, 2, ["POST", "GET"])


def test_a_vendor_that_cannot_be_reached_got_nothing(office: Office, api: VendorApi, vendor: Vendor) -> None:
    """Nothing is handed over for that."""
    handing = Handing()
    with open_session() as session:
        nobody = an_api(office, session, "http://127.0.0.1:9")

        for call in (lambda: nobody.call("POST", "/x", body=b"{}", handing_over=handing), lambda: nobody.call("GET", "/x")):
            with pytest.raises(NotSent, match="xero cannot be reached"):
                call()
        with pytest.raises(NotSent):
            nobody.call("DELETE", "/x")

    assert handing.count == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_leaves_a_writing_call_open(api: VendorApi, vendor: Vendor, status: int) -> None:
    """A reading one is simply tried again later."""
    vendor.faults.status(status, times=1, method="PUT")
    vendor.faults.status(status, times=1, method="GET")

    with pytest.raises(Uncertain, match=f"answered {status}: <h1>out of order") as uncertain:
        api.call("PUT", "/Invoices", body=b"{}")
    with pytest.raises(TemporaryFailure, match=str(status)) as passing:
        api.call("GET", "/Invoices")

    assert uncertain.value.reason.startswith("xero answered")
    assert not isinstance(passing.value, NotSent)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda faults: faults.create_then_drop(),
        lambda faults: faults.drop_before_create(),
        lambda faults: faults.slow(4.0),
        lambda faults: faults.answer(Reply(200, b"x" * (BYTES_MAX + 1)), processed=True),
    ],
    ids=["dropped after", "dropped before", "slow", "endless"],
)
def test_a_missing_answer_leaves_a_writing_call_open(api: VendorApi, vendor: Vendor, break_it: Callable[[Any], None]) -> None:
    """Nobody can know from here, whatever happened there."""
    break_it(vendor.faults)

    with pytest.raises(Uncertain):
        api.call("POST", "/Invoices", body=b"{}")


def test_a_missing_answer_to_a_question_passes(api: VendorApi, vendor: Vendor) -> None:
    """It may be asked again."""
    vendor.faults.drop_before_create(method="GET")

    with pytest.raises(TemporaryFailure, match="xero did not answer") as caught:
        api.call("GET", "/Invoices")

    assert not isinstance(caught.value, NotSent)


def test_a_token_that_is_too_old_is_renewed_and_the_call_made_again(api: VendorApi, vendor: Vendor, office: Office) -> None:
    """Once: a second 401 is an answer like others. Each try hands over anew."""
    handing = Handing()
    vendor.script += [Reply(401), Reply.of_json({"ok": True}), Reply(401), Reply(401)]

    good = api.call("PUT", "/Invoices", body=b"{}", handing_over=handing)
    bad = api.call("GET", "/Invoices")

    assert (good.status, bad.status, handing.count) == (200, 401, 2)
    assert vendor.requests[0].header("Authorization") != vendor.requests[1].header("Authorization")
    assert office.xero.identity.refreshes == 2


def test_a_401_that_means_something_else_is_left_alone(office: Office, vendor: Vendor) -> None:
    """A missing scope would be refused for ever."""
    office.connect()

    def is_stale(answer: Answer) -> bool:
        return answer.status == 401 and (answer.json() or {}).get("key") != "scopes.insufficient"

    vendor.script.append(Reply.of_json({"key": "scopes.insufficient"}, status=401))
    with open_session() as session:
        answer = an_api(office, session, vendor.url, is_stale=is_stale).call("GET", "/x")

    assert (answer.status, len(vendor.requests), office.xero.identity.refreshes) == (401, 1, 0)


def test_a_limit_that_was_reached_parks_the_lane_or_is_napped_through(api: VendorApi, vendor: Vendor) -> None:
    """A call that was turned away did nothing, however it ends."""
    vendor.script += [Reply(429), Reply.of_json({"ok": True}), Reply(429, headers={"Retry-After": "66975", "X-Rate-Limit-Problem": "day"})]

    napped = api.call("PUT", "/Invoices", body=b"{}")
    with pytest.raises(NotSent, match=r"\(day\)") as caught:
        api.call("PUT", "/Invoices", body=b"{}")
    asked = len(vendor.requests)
    with pytest.raises(NotSent, match=r"\(day\)"):
        api.call("PUT", "/Invoices", body=b"{}")

    assert napped.status == 200
    assert caught.value.retry_after_s == pytest.approx(66_975, abs=1)
    assert len(vendor.requests) == asked == 3


def test_a_vendor_that_turns_every_call_away_is_not_asked_for_ever(api: VendorApi, vendor: Vendor) -> None:
    """After some naps the lane waits."""
    vendor.script += [Reply(429)] * 10

    with pytest.raises(NotSent):
        api.call("GET", "/Invoices")

    assert len(vendor.requests) <= 5


def test_no_secret_gets_into_an_error(api: VendorApi, vendor: Vendor, office: Office) -> None:
    """Also where the vendor echoes what it was sent."""
    token = office.current().token
    vendor.script.append(Reply(500, f"bad token Bearer {token} of app-secret".encode()))

    with pytest.raises(Uncertain) as caught:
        api.call("PUT", "/Invoices", body=b"{}")

    assert token not in str(caught.value)
    assert "app-secret" not in str(caught.value)
    assert token not in repr(office.current())
    assert "app-secret" not in repr(api)


def test_an_answer_that_echoes_the_token_is_kept_without_it(api: VendorApi, vendor: Vendor, office: Office) -> None:
    """A page of a proxy: pieces of it stand in attempts and mails."""
    token = office.current().token
    vendor.script.append(Reply(403, f"<p>Blocked: Authorization: Bearer {token}</p>".encode(), "text/html"))

    answer = api.call("GET", "/Invoices")

    assert (answer.status, answer.shown()) == (403, "<p>Blocked: Authorization: Bearer ***</p>")


def test_a_lane_that_is_not_connected_calls_nobody(office: Office, vendor: Vendor) -> None:
    """It needs a person."""
    with open_session() as session, pytest.raises(DomainError) as caught:
        an_api(office, session, vendor.url).call("GET", "/x")

    assert caught.value.code == "needs_reauth"
    assert not vendor.requests


def test_an_answer_that_is_no_document_is_none() -> None:
    """A gateway's page, or one nested without end."""
    assert Answer(502, {}, b"<html>").json() is None
    assert Answer(200, {}, b"[" * 100_000).json() is None
    assert Answer(200, {}, b"\xff\xfe").json() is None
