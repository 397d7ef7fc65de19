"""The vendor's app of an integration, from its settings and secrets."""

from collections.abc import Mapping, Sequence

from application.ports.destination import LaneContext
from application.ports.oauth import Grant, OAuthApp

# What is asked for where the settings name no scopes (facts: accounting-apis, B1.3, B2.2, B3.2).
DEFAULT_SCOPES: Mapping[str, tuple[str, ...]] = {
    # The granular scopes: apps made since 2 March 2026 may not ask for the older, wider ones.
    "xero": ("offline_access", "accounting.invoices", "accounting.contacts", "accounting.settings", "accounting.attachments"),
    "fortnox": ("customer", "article", "order", "invoice", "currency", "settings", "companyinformation"),
    "jortt": (
        "customers:read",
        "customers:write",
        "invoices:read",
        "invoices:write",
        "estimates:read",
        "estimates:write",
        "organizations:read",
    ),
}


def app_of(lane: LaneContext, default_scopes: Sequence[str] | None = None) -> OAuthApp:
    """The app as client_id, redirect_uri, scopes, grant and tenant_id name it, with the secret client_secret.

    ``scopes`` may be a list or words with spaces between; without ``default_scopes`` those of the kind are meant.
    """
    settings = lane.integration.settings
    scopes = settings.get("scopes") or ()
    otherwise = DEFAULT_SCOPES.get(lane.integration.kind, ()) if default_scopes is None else default_scopes
    return OAuthApp(
        str(settings.get("client_id") or ""),
        lane.secrets.get("client_secret", ""),
        str(settings.get("redirect_uri") or ""),
        tuple(scopes.split() if isinstance(scopes, str) else map(str, scopes)) or tuple(otherwise),
        Grant(settings.get("grant") or Grant.AUTHORIZATION_CODE),
        str(settings.get("tenant_id") or ""),
    )
