from adapters.handoff.settings import http_settings, soap_settings
from application.ports.handoff import HandOffTimeouts, HttpBody, HttpHandOffSettings, SoapHandOffSettings, SoapLogIn


def test_what_is_not_declared_has_the_default_of_the_port() -> None:
    """Empty counts as not declared."""
    assert http_settings({"url": "https://x.example", "success_status": [], "body": ""}, {}) == HttpHandOffSettings("https://x.example")
    assert soap_settings({"wsdl": "/a.wsdl", "operation": "Send"}, {}) == SoapHandOffSettings("/a.wsdl", "Send")


def test_declared_settings_and_secrets_arrive() -> None:
    """Under the names of the file."""
    declared = {"url": "https://x.example", "body": "form", "success_status": [201], "connect_timeout_s": 3, "headers": {"A": "b"}}

    settings = http_settings(declared, {"auth_key": "k", "hmac_key": "h", "password": "p"})

    assert (settings.body, settings.success_status, settings.headers) == (HttpBody.FORM, ("201",), {"A": "b"})
    assert (settings.auth_key, settings.hmac_key, settings.password) == ("k", "h", "p")
    assert settings.timeouts == HandOffTimeouts(connect_s=3)
    soap = soap_settings({"wsdl": "/a.wsdl", "operation": "Send", "log_in": "digest", "port_name": "P"}, {"password": "p"})
    assert (soap.log_in, soap.port_name, soap.password) == (SoapLogIn.DIGEST, "P", "p")


def test_a_look_up_below_the_address_moves_with_it() -> None:
    """Otherwise the key of one partner would be sent to another when somebody changes the address only."""
    assert http_settings({"url": "https://x.example/orders/", "look_up_url": "/{ref}"}, {}).look_up_url == "https://x.example/orders/{ref}"
    assert (
        http_settings({"url": "https://x.example", "look_up_url": "https://y.example/{ref}"}, {}).look_up_url == "https://y.example/{ref}"
    )
