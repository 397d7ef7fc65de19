"""Where the vendors are. An operator may point each address elsewhere: tests, proxies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VendorAddresses:
    """Roots without a slash at the end; ``vies_url`` is the whole address of the service, which is no accounting vendor's."""

    xero_api_url: str = "https://api.xero.com"
    xero_login_url: str = "https://login.xero.com"
    xero_identity_url: str = "https://identity.xero.com"
    fortnox_api_url: str = "https://api.fortnox.se"
    fortnox_auth_url: str = "https://apps.fortnox.se"
    jortt_api_url: str = "https://api.jortt.nl"
    jortt_auth_url: str = "https://app.jortt.nl"
    vies_url: str = "https://ec.europa.eu/taxation_customs/vies/services/checkVatService"
