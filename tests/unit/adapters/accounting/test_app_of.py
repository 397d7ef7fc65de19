import pytest

from adapters.accounting.app_of import DEFAULT_SCOPES, app_of
from application.ports.destination import LaneContext
from application.ports.oauth import Grant
from tests import factories


def a_lane(**settings: object) -> LaneContext:
    integration = factories.an_integration(kind="fortnox", settings={"client_id": "billhook", **settings})
    return LaneContext(integration, factories.a_company(), factories.an_admin_company(), {"client_secret": "secret"})


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("invoice  order", ("invoice", "order")),
        (["invoice"], ("invoice",)),
        ("", DEFAULT_SCOPES["fortnox"]),
        (None, DEFAULT_SCOPES["fortnox"]),
    ],
)
def test_scopes_may_be_words_or_a_list(given: object, asked: tuple[str, ...]) -> None:
    """Without any, those that the kind needs."""
    assert app_of(a_lane(scopes=given)).scopes == asked


def test_the_rest_is_as_the_settings_name_it() -> None:
    """The secret shows in no text."""
    app = app_of(a_lane(grant="client_credentials", tenant_id=1000, redirect_uri="http://localhost:8765/"), ("invoice",))

    assert (app.client_id, app.client_secret, app.redirect_uri) == ("billhook", "secret", "http://localhost:8765/")
    assert (app.grant, app.organisation_id, app.scopes) == (Grant.CLIENT_CREDENTIALS, "1000", ("invoice",))
    assert app_of(a_lane()).grant is Grant.AUTHORIZATION_CODE
    assert "secret'" not in repr(app)
