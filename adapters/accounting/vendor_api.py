"""One HTTP client for the accounting vendors: tokens, limits, and what a missing answer means."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError

from adapters.accounting.answer import Answer, Cut, read_answer
from adapters.accounting.leaving_body import LeavingBody, NotHandedOver
from application.accounting.access_tokens import Access, AccessTokens
from application.accounting.call_pacer import Budget, CallPacer, Permit
from application.ports.oauth import OAuthApp
from domain.errors import DomainError, TemporaryFailure

UNAUTHORIZED = 401
TOO_MANY = 429
_SERVER_ERROR = 500
_SUCCESS = range(200, 300)
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# How often a call that a limit turned away is made again, where the wait is a nap only.
_TRIES_MAX = 4


class NotSent(TemporaryFailure):
    """Nothing of this call happened at the vendor, for sure: it may be made again later as if it had never been tried."""


class Uncertain(Exception):
    """A writing call without a certain answer: look there before anything is sent again. ``status`` is 0 where none was answered."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, between two pieces of an answer, and for the whole answer."""

    connect_s: float = 10.0
    read_s: float = 60.0
    answer_s: float = 120.0


def no_day_left(_headers: Mapping[str, str]) -> int | None:
    """For vendors that do not say what is left of the day."""
    return None


def is_unauthorized(answer: Answer) -> bool:
    """Whether an answer says that the token is too old: any 401."""
    return answer.status == UNAUTHORIZED


@dataclass(frozen=True, slots=True)
class VendorApi:
    """The API of one vendor for one integration (``lane_path``), over one session.

    ``budgets_of`` and ``headers_of`` are asked before each call. ``read_limits`` finds in an answer's headers what is left of the day,
    ``retry_after_of`` in those of a 429 how many seconds to wait and the name of the limit. ``is_stale`` says whether an answer means
    that the token is too old; a vendor that answers 401 for a missing scope too says so here, or every call would be made twice.
    """

    session: requests.Session
    base_url: str
    lane_path: str
    kind: str
    app: OAuthApp
    access_tokens: AccessTokens
    pacer: CallPacer
    budgets_of: Callable[[Access], Sequence[Budget]]
    headers_of: Callable[[Access], Mapping[str, str]]
    retry_after_of: Callable[[Mapping[str, str]], tuple[float, str]]
    read_limits: Callable[[Mapping[str, str]], int | None] = no_day_left
    is_stale: Callable[[Answer], bool] = is_unauthorized
    timeouts: Timeouts = field(default_factory=Timeouts)

    def access(self) -> Access:
        """The organisation and a token that works. Raises DomainError("needs_reauth"), and NotSent."""
        try:
            return self.access_tokens.current(self.lane_path, self.kind, self.app)
        except TemporaryFailure as failure:
            raise NotSent(failure.text, failure.retry_after_s, failure.code) from failure

    def call(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        handing_over: Callable[[], None] | None = None,
        can_wait: bool = False,
    ) -> Answer:
        """Call once, with a token and under a permit. Returns any answer but 429 and, for a writing call, 5xx.

        A call writes where its method does, or where ``handing_over`` is given, which is called right before it can have an effect.
        A 401 that says the token is too old renews it and calls again. Raises NotSent where nothing happened at the vendor, Uncertain
        where a writing call may have, TemporaryFailure where a reading one failed, DomainError("needs_reauth"), and what
        ``handing_over`` raised.
        """
        request = _Request(method.upper(), self._url(path), params, body, content_type, headers or {}, handing_over)
        access = self.access()
        answer = self._in_turn(request, access, can_wait=can_wait)
        if self.is_stale(answer):
            answer = self._in_turn(request, self._renewed(access), can_wait=can_wait)
        if answer.status >= _SERVER_ERROR:
            raise request.failed(f"{self.kind} answered {answer.status}: {self._hidden(answer.shown(), access)}", answer.status)
        return answer

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"

    def _renewed(self, access: Access) -> Access:
        try:
            return self.access_tokens.renewed(self.lane_path, self.kind, self.app, access.token)
        except TemporaryFailure as failure:
            raise NotSent(failure.text, failure.retry_after_s, failure.code) from failure

    def _in_turn(self, request: "_Request", access: Access, *, can_wait: bool) -> Answer:
        """The answer to a call that no limit turned away. After a 429 the pacer decides whether the wait is a nap or for the lane."""
        budgets = self.budgets_of(access)
        seconds, limit = 0.0, ""
        for _ in range(_TRIES_MAX):
            answer, seconds, limit = self._paced(request, access, budgets, can_wait=can_wait)
            if answer.status != TOO_MANY:
                return answer
        raise NotSent(f"{self.kind} answered 429 again and again ({limit or 'it names no limit'}).", seconds)

    def _paced(self, request: "_Request", access: Access, budgets: Sequence[Budget], *, can_wait: bool) -> tuple[Answer, float, str]:
        entered = False
        try:
            with self.pacer.permit(budgets, can_wait=can_wait) as permit:
                entered = True
                answer = self._send(request, access)
                return answer, *self._told(permit, answer)
        except TemporaryFailure as failure:
            if entered:
                raise
            raise NotSent(failure.text, failure.retry_after_s, failure.code) from failure

    def _told(self, permit: Permit, answer: Answer) -> tuple[float, str]:
        if answer.status == TOO_MANY:
            seconds, limit = self.retry_after_of(answer.headers)
            permit.blocked(seconds, limit)
            return seconds, limit
        permit.answered(self.read_limits(answer.headers))
        return 0.0, ""

    def _send(self, request: "_Request", access: Access) -> Answer:
        sending = _Sending(request)
        give_up_at = time.monotonic() + self.timeouts.answer_s
        headers = {**self.headers_of(access), **request.all_headers(), "Authorization": f"Bearer {access.token}"}
        try:
            response = self.session.request(
                request.method,
                request.url,
                params=request.params,
                data=sending.start(),
                headers=headers,
                timeout=(self.timeouts.connect_s, self.timeouts.read_s),
                allow_redirects=False,
                stream=True,
            )
            return _without(access.token, read_answer(response, give_up_at))
        except NotHandedOver as refusal:
            raise refusal.__cause__ or refusal from None
        except (DomainError, TemporaryFailure) as failure:
            raise _not_sent(failure) from failure
        except Cut as cut:
            raise request.failed(f"{self.kind}: {cut}") from None
        except (RequestException, OSError) as error:
            raise self._lost(sending, error, access) from error

    def _lost(self, sending: "_Sending", error: Exception, access: Access) -> Exception:
        reason = self._hidden(_innermost(error), access)
        if not sending.left(error):
            return NotSent(f"{self.kind} cannot be reached: {reason}")
        return sending.request.failed(f"{self.kind} did not answer: {reason}")

    def _hidden(self, text: str, access: Access) -> str:
        for secret in filter(None, (access.token, self.app.client_secret)):
            text = text.replace(secret, "***")
        return text


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, Any] | None
    body: bytes | None = field(repr=False)
    content_type: str
    headers: Mapping[str, str]
    handing_over: Callable[[], None] | None

    @property
    def writes(self) -> bool:
        return self.method not in _READS or self.handing_over is not None

    def all_headers(self) -> dict[str, str]:
        typed = {} if self.body is None else {"Content-Type": self.content_type}
        return {"Accept": "application/json", **typed, **self.headers}

    def failed(self, reason: str, status: int = 0) -> Exception:
        """What it means that it was sent and not well answered."""
        return Uncertain(reason, status) if self.writes else TemporaryFailure(reason)


class _Sending:
    """One try of a request: the body as it leaves, and whether it did."""

    def __init__(self, request: _Request) -> None:
        self.request = request
        self._body: LeavingBody | None = None

    def start(self) -> LeavingBody | None:
        leave = self.request.handing_over or (lambda: None)
        if self.request.body:
            self._body = LeavingBody(self.request.body, leave)
        else:
            # Nothing will be asked of an empty body: this is the last moment.
            try:
                leave()
            except Exception as error:
                raise NotHandedOver from error
        return self._body

    def left(self, error: Exception) -> bool:
        """Whether the vendor may have got the request, by the body where there is one, else by the error."""
        if self._body is not None:
            return self._body.left
        return not _never_connected(error)


def _without(token: str, answer: Answer) -> Answer:
    """The answer, whatever of the call it echoes, as a proxy's page may do: pieces of answers are kept and shown to people."""
    secret = token.encode()
    return replace(answer, content=answer.content.replace(secret, b"***")) if secret and secret in answer.content else answer


def _never_connected(error: Exception) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, NoConnection) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError | TlsError)


def _not_sent(failure: DomainError | TemporaryFailure) -> Exception:
    return failure if isinstance(failure, DomainError) else NotSent(failure.text, failure.retry_after_s, failure.code)


def _innermost(error: BaseException) -> str:
    """What the system said. The library's own sentence holds the address, and an address may hold more than it should."""
    while True:
        inner = error.__cause__ or error.__context__
        if inner is None:
            return str(error) or type(error).__name__
        error = inner
