"""The settings and secrets of an integration as those of a hand-off."""

from collections.abc import Mapping
from typing import Any

from application.ports.handoff import HandOffTimeouts, HttpBody, HttpHandOffSettings, SoapHandOffSettings, SoapLogIn

_HTTP = (
    *("url", "method", "headers", "username", "auth_header", "auth_prefix", "idempotency_header", "signature_header"),
    *("success_path", "remote_id_path", "look_up_path", "look_up_match"),
)
_SOAP = ("wsdl", "operation", "service", "port_name", "address", "username", "success_path", "remote_id_path")


def http_settings(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> HttpHandOffSettings:
    """Those of a hand-off over HTTP; what is empty has the port's default."""
    return HttpHandOffSettings(
        **_given(settings, _HTTP),
        **_given(secrets, ("password", "auth_key", "hmac_key")),
        body=HttpBody(settings.get("body") or HttpBody.JSON),
        look_up_url=_look_up_url(settings),
        success_status=tuple(map(str, settings.get("success_status") or ("200-299",))),
        timeouts=_timeouts(settings),
    )


def soap_settings(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> SoapHandOffSettings:
    """Those of a SOAP operation; what is empty has the port's default."""
    return SoapHandOffSettings(
        **_given(settings, _SOAP),
        **_given(secrets, ("password",)),
        log_in=SoapLogIn(settings.get("log_in") or SoapLogIn.NONE),
        timeouts=_timeouts(settings),
    )


def _look_up_url(settings: Mapping[str, Any]) -> str:
    """A look-up that begins with a slash is below the address of the calls: who moves that has moved both."""
    look_up = str(settings.get("look_up_url") or "")
    return str(settings.get("url") or "").rstrip("/") + look_up if look_up.startswith("/") else look_up


def _given(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name)}


def _timeouts(settings: Mapping[str, Any]) -> HandOffTimeouts:
    given = {name: settings.get(f"{name.removesuffix('_s')}_timeout_s") for name in HandOffTimeouts.__slots__}
    return HandOffTimeouts(**{name: float(value) for name, value in given.items() if value})
