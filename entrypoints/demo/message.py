"""Builds order messages as the order management system writes them (DESIGN 4.1)."""

import json
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

_CATALOGUE = {
    "TEE-BLK-M": ("T-shirt, black, M", "6.25", "12.50", "4000"),
    "HOODIE-GRY-L": ("Hoodie, grey, L", "17.80", "34.00", "4000"),
    "MUG-11OZ": ("Photo mug, 11 oz", "4.20", "9.99", "4010"),
    "BOOK-A4": ("Photo book, A4, 24 pages", "11.90", "24.95", "4020"),
    "CANVAS-40": ("Canvas print, 40 x 40 cm", "14.35", "29.00", "4030"),
    "POSTER-50X70": ("Poster, 50 x 70 cm", "13.90", "24.90", "4030"),
    "PUZZLE-500": ("Photo puzzle, 500 pieces", "9.995", "19.99", "4040"),
    "CAL-2026": ("Wall calendar 2026", "5.50", "12.00", "4050"),
    "DESIGN-HOUR": ("Artwork, one hour", "30.00", "45.00", "4090"),
}
# Name, street, city, postcode, country.
CUSTOMERS = {
    "zoe": ("Zoë Ångström", "1 High Street", "Leeds", "LS1 1AA", "GB"),
    "siobhan": ("Siobhán Ní Bhriain", "14 Falls Road", "Belfast", "BT12 4PD", "GB"),
    "wang": ("王小明", "88 Faulkner Street", "Manchester", "M1 4FH", "GB"),
    "bjork": ("Björk Guðmundsdóttir", "3 Quay Walk", "Hull", "HU1 1TH", "GB"),
    "jan": ("Jan de Vries", "Oudegracht 42", "Utrecht", "3511AP", "NL"),
    "jose": ("José Núñez Muñoz", "Calle de Alcalá 7", "Madrid", "28014", "ES"),
    "elodie": ("Élodie Lefèvre", "12 rue de la République", "Lyon", "69001", "FR"),
    "giorgos": ("Γιώργος Παπαδόπουλος", "Ερμού 15", "Αθήνα", "105 63", "GR"),
    "asa": ("Åsa Öberg", "Kungsgatan 5", "Luleå", "972 41", "SE"),
    "lars": ("Lars-Åke Nyström", "Skolgatan 9", "Skellefteå", "931 31", "SE"),
    "ola": ("Ola Nordmann", "Storgata 1", "Tromsø", "9008", "NO"),
    "jurgen": ("Jürgen Groß", "Hauptstraße 3", "Köln", "50667", "DE"),
    "lukasz": ("Łukasz Żółkiewski", "ul. Długa 8", "Gdańsk", "80-831", "PL"),
}
NO_PRICE: Json = {"unit_cost_price": None}


def item(sku: str, quantity: Any = 1, **changes: Any) -> Json:
    """One item; GBP prices and 20 % unless changed."""
    description, cost, retail, nominal_code = _CATALOGUE.get(sku, (sku, None, None, "4999"))
    return {
        "sku": sku,
        "description": description,
        "quantity": quantity,
        "unit_cost_price": cost,
        "unit_sale_price": retail,
        "sale_vat_rate": "0.2",
        "tax_code": "standard",
        "nominal_code": nominal_code,
        "attributes": {},
        **changes,
    }


def order(ref: str, company: str, customer: str, /, *items: Json, **changes: Any) -> Json:
    """A dispatched order of early November 2026; ``changes`` by field name, None writes null."""
    name, street, city, postcode, country = CUSTOMERS[customer]
    day = 1 + int(ref) % 17
    message = {
        "id": int(ref),
        "ref": ref,
        "external_ref": f"WEB-{ref}",
        "company_ref_id": int(company),
        "secondary_company_ref_id": None,
        "status": 8,
        "status_name": "Dispatched",
        "has_error": False,
        "error_message": None,
        "is_free_of_charge": False,
        "sale_datetime": f"2026-11-{day:02d} 09:59:30",
        "creation_datetime": f"2026-11-{day:02d} 10:00:05",
        "dispatch_datetime": f"2026-11-{day + 1:02d} 15:30:00",
        "version": 1,
        "payment_status": "paid",
        "payment_type": "card",
        "currency_code": "GBP",
        "customer_name": name,
        "customer_email": f"{customer}@example.com",
        "billing_customer_name": name,
        "billing_customer_email": f"{customer}@example.com",
        "billing_vat_number": None,
        **_address("billing", street, city, postcode, country),
        **_address("shipping", street, city, postcode, country),
        "shipping_method": "Standard",
        "shipping_carrier": "Royal Mail",
        "shipping_price": "3.50",
        "shipping_tax_rate": "0.2",
        "items": [{"id": number, "ref": f"{ref}-{number}", **entry} for number, entry in enumerate(items, 1)],
    }
    return {**message, **changes}


def body(message: Json | list[Json]) -> bytes:
    """The bytes of one message, the same on every machine."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _address(kind: str, street: str, city: str, postcode: str, country: str) -> Json:
    return {
        f"{kind}_company": None,
        f"{kind}_address_1": street,
        f"{kind}_address_2": "",
        f"{kind}_postcode": postcode,
        f"{kind}_city": city,
        f"{kind}_country_code": country,
    }
