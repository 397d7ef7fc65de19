"""An installation in a folder of its own, used as an operator does: through the command."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BILLHOOK = Path(sys.executable).parent / "billhook"

COMPANIES = """\
admin_companies:
  - ref: acme-print
    name: ACME Print Ltd
    address: {line1: 4 Mill Lane, city: Leeds, postcode: LS9 8AB, country: GB}
    vat_number: GB980780684
companies:
  - ref: "777"
    admin_company: acme-print
    name: Card Corner Ltd
    address: {line1: 9 Park Row, city: Leeds, postcode: LS1 5HD, country: GB}
    currency: GBP
    plan: {starting_from: 2026-01-01}
    integrations:
      - kind: pdf_emailer
        settings: {email_from: accounts@acme.example, email_to: books@cardcorner.example}
price_lists:
  - {company: "777", currency: GBP, sku: TEE, unit_price: "6.25", tax_code: standard}
tax_rates:
  - {country: GB, tax_code: standard, rate: "0.20"}
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Installation:
    """A folder with its settings."""

    folder: Path

    def __call__(self, *arguments: str, given: str = "", **settings: str) -> Done:
        """Run the command; ``settings`` are variables without their prefix."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
        ours = {f"BILLHOOK_{name.upper()}": value for name, value in settings.items()}
        done = subprocess.run(
            [BILLHOOK, *arguments],
            cwd=self.folder,
            env={**plain, **ours},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, content: str) -> str:
        """A file in the folder; returns its name."""
        (self.folder / name).write_text(content, encoding="utf-8")
        return name

    def order(self, ref: str, **changes: Any) -> str:
        """A line with an order that is due."""
        order = {
            "ref": ref,
            "company_ref_id": "777",
            "status": 8,
            "version": 1,
            "creation_datetime": "2026-11-02 09:00:00",
            "currency_code": "GBP",
        }
        return json.dumps({**order, "items": [{"sku": "TEE", "description": "T-shirt", "quantity": 2}], **changes}) + "\n"


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    """Nothing is set up yet."""
    return Installation(tmp_path)


@pytest.fixture
def billhook(empty: Installation) -> Installation:
    """Company 777 is declared and nothing is ordered."""
    assert empty("migrate").code == 0
    assert empty("apply", "-f", empty.write("companies.yaml", COMPANIES)).code == 0
    return empty


@pytest.fixture
def with_orders(billhook: Installation) -> Installation:
    """One order is due, one on hold, one has no price, and one message cannot be read."""
    lines = (
        billhook.order("1001"),
        billhook.order("1002", status=256),
        billhook.order("1003", items=[{"sku": "MUG", "quantity": 1}]),
        '{"ref": "1004", "items": "none"}\n',
    )
    assert billhook("orders", "import", billhook.write("orders.jsonl", "".join(lines))).code == 3
    return billhook


@pytest.fixture
def keys() -> Callable[[Any], set[str]]:
    """The keys of a JSON object."""
    return set
