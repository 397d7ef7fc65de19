"""An installation in a folder of its own, used as an operator does: through the command."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.warm import warm_billhook

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
    """A folder with its settings, and the command that is typed in it; what runs for longer is started with `billhook` itself."""

    folder: Path
    command: Path = BILLHOOK

    def __call__(self, *arguments: str, given: str = "", **settings: str) -> Done:
        """Run the command; ``settings`` are variables without their prefix."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
        ours = {f"BILLHOOK_{name.upper()}": value for name, value in settings.items()}
        done = subprocess.run(
            [self.command, *arguments],
            cwd=self.folder,
            env={**plain, **ours},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def start(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command that runs until it is told to stop; killed at the latest at the end of the test."""
        # A test run in the background ignores SIGINT, and so would its children: hand them a terminal's disposition.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
        with (
            (self.folder / "log").open("wb") as log,
            subprocess.Popen([BILLHOOK, *arguments], cwd=self.folder, env=plain, stderr=log) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

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


def wait_until(condition: Callable[[], object], within_s: float = 60) -> None:
    """Until something is so, which is soon; it is an error if it takes longer than that."""
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at, "it did not come to be"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def warm_command() -> Iterator[Path]:
    """The command, loaded once for all tests."""
    with warm_billhook() as command:
        yield command


@pytest.fixture
def empty(tmp_path: Path, warm_command: Path) -> Installation:
    """Nothing is set up yet."""
    return Installation(tmp_path, warm_command)


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory, warm_command: Path) -> Installation:
    """Made once, to be copied."""
    house = Installation(tmp_path_factory.mktemp("declared"), warm_command)
    assert house("migrate").code == 0
    assert house("apply", "-f", house.write("companies.yaml", COMPANIES)).code == 0
    return house


@pytest.fixture(scope="session")
def ordered(declared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Made once, to be copied."""
    house = _copy(declared, tmp_path_factory.mktemp("ordered"))
    lines = (
        house.order("1001"),
        house.order("1002", status=256),
        house.order("1003", items=[{"sku": "MUG", "quantity": 1}]),
        '{"ref": "1004", "items": "none"}\n',
    )
    assert house("orders", "import", house.write("orders.jsonl", "".join(lines))).code == 3
    return house


@pytest.fixture(scope="session")
def issued(ordered: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Made once, to be copied."""
    house = _copy(ordered, tmp_path_factory.mktemp("issued"))
    assert house("invoices", "run", "--company", "777").code == 0
    return house


@pytest.fixture
def billhook(declared: Installation, tmp_path: Path) -> Installation:
    """Company 777 is declared and nothing is ordered."""
    return _copy(declared, tmp_path)


@pytest.fixture
def with_orders(ordered: Installation, tmp_path: Path) -> Installation:
    """One order is due, one on hold, one has no price, and one message cannot be read."""
    return _copy(ordered, tmp_path)


@pytest.fixture
def with_invoice(issued: Installation, tmp_path: Path) -> Installation:
    """As before, and the order that was due is on invoice INV-000001."""
    return _copy(issued, tmp_path)


def _copy(house: Installation, folder: Path) -> Installation:
    shutil.copytree(house.folder, folder, dirs_exist_ok=True)
    return Installation(folder, house.command)
