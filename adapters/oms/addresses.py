"""Addresses of a message, in our parts, and the countries in them."""

from domain.parties import Address

# Names as shops and people write them, English first, then the country's own. Anything else stays unknown: a wrong country
# would mean a wrong tax.
_NAMES_BY_COUNTRY = {
    "AT": "Austria, Österreich",
    "AU": "Australia",
    "BE": "Belgium, België, Belgique, Belgien",
    "BG": "Bulgaria, България",
    "BR": "Brazil, Brasil",
    "CA": "Canada",
    "CH": "Switzerland, Schweiz, Suisse, Svizzera",
    "CN": "China, People's Republic of China, 中国",
    "CY": "Cyprus, Κύπρος",
    "CZ": "Czechia, Czech Republic, Česko, Česká republika",
    "DE": "Germany, Deutschland",
    "DK": "Denmark, Danmark",
    "EE": "Estonia, Eesti",
    "ES": "Spain, España",
    "FI": "Finland, Suomi",
    "FR": "France",
    "GB": "United Kingdom, Great Britain, Britain, England, Scotland, Wales, Northern Ireland, U.K., UK, GBR",
    "GG": "Guernsey",
    "GR": "Greece, Hellas, Ελλάδα, EL",
    "HK": "Hong Kong",
    "HR": "Croatia, Hrvatska",
    "HU": "Hungary, Magyarország",
    "IE": "Ireland, Republic of Ireland, Éire",
    "IL": "Israel",
    "IM": "Isle of Man",
    "IN": "India",
    "IS": "Iceland, Ísland",
    "IT": "Italy, Italia",
    "JE": "Jersey",
    "JP": "Japan, 日本",
    "KR": "South Korea, Korea Republic of",
    "LI": "Liechtenstein",
    "LT": "Lithuania, Lietuva",
    "LU": "Luxembourg, Luxemburg",
    "LV": "Latvia, Latvija",
    "MT": "Malta",
    "MX": "Mexico, México",
    "NL": "Netherlands, The Netherlands, Nederland, Holland, NLD",
    "NO": "Norway, Norge",
    "NZ": "New Zealand",
    "PL": "Poland, Polska",
    "PT": "Portugal",
    "RO": "Romania, România",
    "SE": "Sweden, Sverige, SWE",
    "SG": "Singapore",
    "SI": "Slovenia, Slovenija",
    "SK": "Slovakia, Slovensko",
    "TR": "Turkey, Türkiye",
    "TW": "Taiwan",
    "UA": "Ukraine, Україна",
    "US": "United States, United States of America, U.S.A., USA, U.S.",
    "ZA": "South Africa",
}
_COUNTRY_BY_NAME = {name.strip().casefold(): country for country, names in _NAMES_BY_COUNTRY.items() for name in names.split(",")}
_LETTERS = 2


def country_of(code: str, name: str) -> str:
    """ISO 3166 alpha-2 from the code, else from a well-known name, else empty. UK and EL are GB and GR."""
    if code in _NAMES_BY_COUNTRY:
        return code
    found = _COUNTRY_BY_NAME.get(code.casefold(), "") if code else ""
    if not found and len(code) == _LETTERS and code.isascii() and code.isalpha():
        return code.upper()
    return found or _COUNTRY_BY_NAME.get(name.casefold(), "")


def join_address(lines: tuple[str, str, str, str, str], city: str, postcode: str, country: str) -> Address:
    """The five lines of the message as street, city and region.

    Line 1 is the street. Where no city is given line 3 is the city, as shops use it; lines 4 and 5 are the region.
    """
    street, second, third, fourth, fifth = lines
    if not (second or third or fourth or fifth):
        return Address(street, "", city, postcode, "", country)
    if not city:
        city, third = third, ""
    if not street:
        street, second = second, ""
    return Address(street, _join(second, third), city, postcode, _join(fourth, fifth), country)


def _join(*parts: str) -> str:
    return ", ".join(filter(None, parts))
