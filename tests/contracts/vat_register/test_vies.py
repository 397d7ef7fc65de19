"""The register that asks VIES, against a fake VIES: answers, and above all what is no answer."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from adapters.vat_register.vies_call import ViesTimeouts
from application.ports.vat_checks import VatCheck
from domain.errors import DomainError, TemporaryFailure
from tests.fakes.vies.fake import FAULT_OF_NUMBER, Question, Trader
from tests.fakes.vies.messages import answer, answered
from tests.services.http_partner import Planned

OWN = "NL004495445B01"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PERMANENT = {"INVALID_INPUT", "INVALID_REQUESTER_INFO", "VAT_BLOCKED", "IP_BLOCKED"}
APPROX = {"countryCode": "BE", "vatNumber": "0123456749", "requestDate": "2026-11-21+01:00", "valid": "true"}
RIGHT = answered(answer("checkVatApprox", {**APPROX, "requestIdentifier": "WAPI1"})).body
# Well formed, and nothing that VIES sends.
MULTIPART = b"--x\r\nContent-Type: text/xml\r\n\r\n" + RIGHT + b"\r\n--x--"


def wait_for(condition) -> None:
    give_up_at = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def test_a_valid_number_comes_with_the_evidence(vies, register) -> None:
    """Our own number is sent along, and the consultation number comes back."""
    vies.traders["BE0123456749"] = Trader("Drukkerij Gent BV", "Veldstraat 1\n 9000  Gent ")

    found = register.check("be 0123.456.749", OWN)

    assert found == VatCheck("BE0123456749", True, "WAPIAAAA00000001", "Drukkerij Gent BV", "Veldstraat 1\n9000 Gent", NOON)
    assert vies.questions == [Question("checkVatApprox", "BE", "0123456749", OWN)]


def test_without_a_requester_there_is_an_answer_and_no_consultation_number(vies, register) -> None:
    vies.traders["BE0123456749"] = Trader()

    found = register.check("BE0123456749", "")

    assert (found.valid, found.consultation_number) == (True, "")
    assert vies.questions == [Question("checkVat", "BE", "0123456749", "")]


@pytest.mark.parametrize("requester", [OWN, ""])
def test_an_unknown_number_is_not_valid(register, requester) -> None:
    found = register.check("BE0123456749", requester)

    assert (found.valid, found.name, found.address) == (False, "", "")
    assert found.reason
    assert bool(found.consultation_number) == bool(requester)


@pytest.mark.parametrize("requester", [OWN, ""])
@pytest.mark.parametrize("hidden", ["---", None, ""])
def test_what_a_country_does_not_disclose_is_empty(vies, register, hidden, requester) -> None:
    vies.traders["DE123456788"] = Trader(hidden, hidden)

    found = register.check("DE123456788", requester)

    assert (found.valid, found.name, found.address) == (True, "", "")


@pytest.mark.parametrize(
    ("written", "country"), [("EL094259216", "EL"), ("GR094259216", "EL"), ("XI123456789", "XI"), ("ATU12345675", "AT")]
)
def test_countries_are_named_as_vies_names_them(vies, register, written, country) -> None:
    """Greece is EL, however it is written; Northern Ireland is XI. The answer names the number as it was asked."""
    vies.traders[country + written[2:]] = Trader()

    found = register.check(written, OWN)

    assert (found.valid, found.vat_number) == (True, written)
    assert vies.questions[0].country == country


@pytest.mark.parametrize("number", ["GB980780684", "US123456789", "CHE123456788", "", "0123456749"])
def test_a_number_without_a_register_is_neither_valid_nor_invalid_and_nobody_is_asked(vies, register, number) -> None:
    found = register.check(number, OWN)

    assert found.valid is None
    assert found.reason
    assert vies.received == []


@pytest.mark.parametrize("number", ["NL", "NL1", "NL1234567890123", "NL12&45", "NLé12345"])
def test_what_cannot_be_a_number_is_not_valid_and_nobody_is_asked(vies, register, number) -> None:
    found = register.check(number, OWN)

    assert found.valid is False
    assert vies.received == []


@pytest.mark.parametrize(("number", "word"), [(number, word) for number, word in FAULT_OF_NUMBER.items() if word not in PERMANENT])
def test_a_service_or_a_country_that_is_away_says_nothing_about_the_number(register, number, word) -> None:
    with pytest.raises(TemporaryFailure, match=f"NL{number}.*{word}"):
        register.check(f"NL{number}", OWN)


def test_a_fault_that_nobody_knows_says_nothing_about_the_number(vies, register) -> None:
    vies.faults.extend(["SOMETHING_NEW", ""])

    for _ in range(2):
        with pytest.raises(TemporaryFailure):
            register.check("NL100", OWN)


def test_a_number_that_vies_cannot_look_up_is_not_valid(register) -> None:
    found = register.check("NL201", OWN)

    assert found.valid is False
    assert "INVALID_INPUT" in found.reason


@pytest.mark.parametrize(("number", "code"), [("202", "vat_requester_invalid"), ("400", "vat_check_blocked"), ("401", "vat_check_blocked")])
def test_what_a_person_must_put_right_is_no_matter_of_waiting(register, number, code) -> None:
    with pytest.raises(DomainError) as refused:
        register.check(f"NL{number}", OWN)

    assert refused.value.code == code
    assert refused.value.next_step


@pytest.mark.parametrize("own", ["GB980780684", "NL", "004495445B01"])
def test_our_own_number_must_be_one_of_the_eu(vies, register, own) -> None:
    with pytest.raises(DomainError) as refused:
        register.check("BE0123456749", own)

    assert refused.value.code == "vat_requester_invalid"
    assert vies.received == []


def test_an_outage_is_of_one_country_only(vies, register) -> None:
    vies.outages["DE"] = "MS_UNAVAILABLE"

    with pytest.raises(TemporaryFailure):
        register.check("DE100", OWN)

    assert register.check("NL100", OWN).valid is True


@pytest.mark.parametrize(
    "planned",
    [
        Planned(503, b"<html><body>Service Unavailable</body></html>", {"Content-Type": "text/html"}),
        Planned(500, b"<html><body>Error</body></html>", {"Content-Type": "text/html"}),
        Planned(500, b""),
        Planned(200, b"<html><body>Maintenance</body></html>", {"Content-Type": "text/html"}),
        Planned(200, b"", {"Content-Type": "text/xml"}),
        Planned(200, b"<a><b>", {"Content-Type": "text/xml"}),
        Planned(200, b"<!DOCTYPE a>" + RIGHT, {"Content-Type": "text/xml"}),
        Planned(200, b'<!DOCTYPE a [<!ENTITY b "true">]>' + RIGHT.replace(b">true<", b">&b;<"), {"Content-Type": "text/xml"}),
        Planned(200, RIGHT + b"<!--" + b"x" * 1_100_000 + b"-->", {"Content-Type": "text/xml"}),
        Planned(200, b"<a/>", {"Content-Type": "text/xml"}, cut_after=2),
        Planned(drop=True),
        Planned(200, MULTIPART, {"Content-Type": "multipart/related; boundary=x"}),
    ],
    ids=[
        "503",
        "error page",
        "empty 500",
        "page",
        "empty",
        "cut",
        "document type",
        "entity",
        "too large",
        "cut off",
        "dropped",
        "multipart",
    ],
)
def test_whatever_is_no_answer_of_vies_is_waited_for(vies, register, planned) -> None:
    """Some of it would be the right answer, but for the way it comes."""
    vies.next_answers(planned, Planned(200, RIGHT, {"Content-Type": "text/xml"}))

    with pytest.raises(TemporaryFailure):
        register.check("BE0123456749", OWN)

    assert register.check("BE0123456749", OWN).consultation_number == "WAPI1"


@pytest.mark.parametrize(
    "change",
    [
        {"vatNumber": "0999999922"},
        {"countryCode": "LU"},
        {"valid": "perhaps"},
        {"valid": ""},
        {"valid": None},
        {"requestIdentifier": ""},
    ],
)
def test_an_answer_that_is_not_to_the_question_or_without_evidence_is_no_answer(vies, register, change) -> None:
    """A wrong answer taken for a right one would cost the tax."""
    vies.next_answers(answered(answer("checkVatApprox", {**APPROX, "requestIdentifier": "WAPI1", **change})))

    with pytest.raises(TemporaryFailure):
        register.check("BE0123456749", OWN)


def test_a_redirect_is_not_followed(vies, register) -> None:
    vies.next_answers(Planned(302, b"", {"Location": vies.address}))

    with pytest.raises(TemporaryFailure, match="302"):
        register.check("NL100", OWN)

    assert len(vies.received) == 1


def test_a_wait_that_vies_asks_for_is_passed_on(vies, register) -> None:
    vies.next_answers(Planned(429, b"", {"Retry-After": "120"}))

    with pytest.raises(TemporaryFailure) as failure:
        register.check("NL100", OWN)

    assert failure.value.retry_after_s == 120


def test_an_answer_that_never_comes_is_given_up(vies, open_register) -> None:
    vies.next_answers(Planned(held=True))

    with pytest.raises(TemporaryFailure):
        open_register(timeouts=ViesTimeouts(20, 0.2, 20, 20)).check("NL100", OWN)


def test_an_answer_that_takes_too_long_as_a_whole_is_given_up(open_register) -> None:
    """However often a piece of it comes."""
    with pytest.raises(TemporaryFailure, match="too slow"):
        open_register(timeouts=ViesTimeouts(20, 20, -1, 20)).check("NL100", OWN)


def test_an_address_the_operator_does_not_allow_is_not_connected_to(vies, open_register) -> None:
    with pytest.raises(DomainError):
        open_register(allowed="").check("NL100", OWN)

    assert vies.connections == 0


def test_a_country_is_asked_one_question_at_a_time_and_countries_side_by_side(vies, register) -> None:
    """VIES refuses more: MS_MAX_CONCURRENT_REQ."""
    vies.gate.clear()
    threads = [threading.Thread(target=register.check, args=(number, OWN)) for number in ("NL100", "NL100", "NL100", "BE100")]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(vies.questions) == 2)
    vies.gate.set()
    for thread in threads:
        thread.join()

    assert vies.at_once == {"NL": 1, "BE": 1}
    assert vies.asked("NL") == 3


def test_a_turn_that_does_not_come_is_given_up(vies, open_register) -> None:
    vies.gate.clear()
    register = open_register(timeouts=ViesTimeouts(20, 20, 20, 0.1))
    first = threading.Thread(target=register.check, args=("NL100", OWN))
    first.start()
    wait_for(lambda: vies.asked("NL") == 1)

    with pytest.raises(TemporaryFailure, match="NL"):
        register.check("NL200", OWN)
    vies.gate.set()
    first.join()

    assert vies.asked("NL") == 1


def test_the_soap_library_is_loaded_with_the_first_question_only() -> None:
    """It takes longer to load than most commands run."""
    code = "import sys, adapters.vat_register.vies; sys.exit('zeep' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
