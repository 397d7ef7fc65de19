"""Order messages as shops send them (DESIGN 4.1): made by number, so that every run gets the same ones."""

import random
from collections.abc import Iterator

from tests import factories

_NAMES = ("Zoë Ångström", "Seán Ó Briain", "Łukasz Wójcik", "王小明", "Giulia Rossi", "Ingrid Sjöberg", "Tom Smith", "Marie Lefèvre")
_CITIES = (("Leeds", "LS1 1AA"), ("Sheffield", "S1 2HE"), ("London", "WC2E 9LP"), ("Cardiff", "CF10 1EP"), ("Glasgow", "G1 1XQ"))
_GOODS = (
    ("TEE-BLK-M", "T-shirt, black, M"),
    ("MUG-WHT", "Mug, white, 330 ml"),
    ("HOOD-NVY-L", "Hoodie, navy, L"),
    ("POST-A3", "Poster, A3, matt"),
)
_NEWER = 0.2


def order_body(number: int, *, company: str = "501", items: int = 1, version: int = 1) -> bytes:
    """A dispatched order of about 1.4 KB (with one item)."""
    name = _NAMES[number % len(_NAMES)]
    city, postcode = _CITIES[number % len(_CITIES)]
    street = f"{number % 180 + 1} High Street"
    return factories.an_order_body(
        id=number,
        ref=str(number),
        external_ref=f"WEB-{number}",
        company_ref_id=int(company),
        version=version,
        customer_name=name,
        customer_email=f"customer{number}@shop.example",
        billing_customer_name=name,
        billing_customer_email=f"customer{number}@shop.example",
        billing_address_1=street,
        billing_city=city,
        billing_postcode=postcode,
        shipping_address_1=street,
        shipping_city=city,
        shipping_postcode=postcode,
        items=[_item(number, place, version) for place in range(items)],
    )


def _item(number: int, place: int, version: int) -> dict[str, object]:
    sku, description = _GOODS[(number + place) % len(_GOODS)]
    price = f"{5 + (number + place) % 37}.{(number * 7 + place) % 100:02d}"
    return factories.an_item_message(
        id=place + 1, ref=f"{number}-{place + 1}", sku=sku, description=description, quantity=version + place, unit_cost_price=price
    )


def traffic(count: int, seed: int = 1) -> Iterator[bytes]:
    """New orders, and among them, as one message in five, a newer version of an order sent before."""
    choice = random.Random(seed)
    versions: dict[int, int] = {}
    for _ in range(count):
        if versions and choice.random() < _NEWER:
            number = choice.randrange(len(versions)) + 1_000_001
            versions[number] += 1
        else:
            number = len(versions) + 1_000_001
            versions[number] = 1
        yield order_body(number, version=versions[number])
