from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest

from adapters.secrets.secret_box import AesGcmSecretBox
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.configuration import Configuration
from application.configuration_mistakes import ConfigurationRefused
from application.use_cases.apply_configuration import AppliedConfiguration, ApplyConfiguration, ApplyConfigurationHandler
from tests.factories import VAT_NUMBERS, a_company, a_configuration, an_admin_company
from tests.integration.use_cases.house import LANE, House

LOGO = "a" * 64


@dataclass
class Applying:
    """Applies to a house that is configured already."""

    house: House

    def __post_init__(self) -> None:
        box = AesGcmSecretBox("a key of more than thirty-two characters")
        self.handler = ApplyConfigurationHandler(self.house.units_of_work, ChecksumVatRegister(), box, self.house.clock)

    def __call__(self, wanted: Configuration, **details: Any) -> AppliedConfiguration:
        return self.handler(ApplyConfiguration(wanted, "ann", **details))

    @property
    def current(self) -> Configuration:
        """What is in force."""
        with self.house.units_of_work() as uow:
            return uow.configurations.current()


@pytest.fixture
def applying(house: House) -> Applying:
    """The house's own configuration is in force."""
    return Applying(house)


def changes(applied: AppliedConfiguration) -> list[tuple[str, str]]:
    return [(change.act.value, change.path) for change in applied.changes]


def test_applying_what_is_in_force_changes_nothing_and_writes_nothing(applying: Applying) -> None:
    """Not even a revision."""
    before = applying.current

    applied = applying(a_configuration())

    assert (applied.changes, applied.revision) == ((), before.revision)
    assert applying.current.revision == before.revision


def test_a_secret_is_shown_as_changed_and_never_told(applying: Applying) -> None:
    """The same value again is no change; a secret that is not named stays."""
    wanted = a_configuration()

    first = applying(wanted, secrets={LANE: {"password": "s3same"}})
    again = applying(wanted, secrets={LANE: {"password": "s3same"}})
    other = applying(wanted, secrets={LANE: {"password": "other"}})
    silent = applying(wanted, secrets={LANE: {}})

    assert changes(first) == [("added", "companies[501].integrations[pdf_emailer].secrets.password")]
    assert again.changes == ()
    assert changes(other) == [("changed", "companies[501].integrations[pdf_emailer].secrets.password")]
    assert silent.changes == ()
    assert "s3same" not in repr(first)
    with applying.house.units_of_work() as uow:
        assert uow.configurations.secrets_of(LANE) == {"password": "other"}
        assert "s3same" not in repr(uow.audit.about("configuration"))


def test_a_dry_run_is_the_real_thing_rolled_back(applying: Applying) -> None:
    """Same changes, nothing kept."""
    wanted = Configuration(companies={"501": a_company(name="Other Ltd")})

    rehearsed = applying(wanted, dry_run=True)
    before = applying.current
    done = applying(wanted)

    assert rehearsed.changes == done.changes
    assert before.companies["501"].name == "Gift Shop Ltd"


def test_who_applied_what_and_why_is_kept(applying: Applying) -> None:
    """In the audit log, without the old and new values."""
    applying(Configuration(companies={"501": a_company(name="Other Ltd")}, integrations=applying.current.integrations), reason="renamed")

    with applying.house.units_of_work() as uow:
        entry = uow.audit.about("configuration")[-1]
    assert (entry.actor, entry.action, entry.reason) == ("ann", "configuration_applied", "renamed")
    assert "changed companies[501].name" in entry.detail


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (Configuration(companies={"9": a_company(ref="9", admin_company="nobody")}), "companies[9].admin_company"),
        (Configuration(companies={"acme-print": a_company(ref="acme-print")}), "companies[acme-print].ref"),
        (Configuration(price_lists={"9": ()}), "price_lists[9].company"),
        (Configuration(companies={"501": a_company(logo_sha256=LOGO)}), "companies[501].logo"),
    ],
    ids=["seller unknown", "ref of a seller", "prices of nobody", "logo not stored"],
)
def test_what_contradicts_the_store_is_refused(wanted: Configuration, path: str, applying: Applying) -> None:
    """And nothing is changed."""
    before = applying.current

    with pytest.raises(ConfigurationRefused) as caught:
        applying(wanted)

    assert [mistake.path for mistake in caught.value.mistakes] == [path]
    assert applying.current == before


def test_a_logo_may_be_named_by_its_hash_once_it_is_stored(applying: Applying) -> None:
    """As exports do."""
    seller = Configuration(admin_companies={"acme-print": an_admin_company(logo_sha256=LOGO)})

    applying(seller, assets={LOGO: b"png"})

    assert applying(seller).changes == ()


def test_the_register_decides_whether_a_vat_number_counts(applying: Applying) -> None:
    """Whatever the declaration says; one that does not count is a warning."""
    good = a_company(vat_number=VAT_NUMBERS["NL"], vat_number_valid=False)
    bad = a_company(ref="502", vat_number="NL004495446B01", vat_number_valid=True)

    applied = applying(Configuration(companies={"501": good, "502": bad}))

    assert [company.vat_number_valid for company in applying.current.companies.values()] == [True, False]
    assert len(applied.warnings) == 1
    assert "NL004495446B01" in applied.warnings[0]


def test_declarations_at_the_same_time_all_last(applying: Applying) -> None:
    """Whoever finds that another was faster reads again: otherwise the last one to save would undo the others."""
    refs = ["601", "602", "603", "604"]
    start = Barrier(len(refs))

    def declare(ref: str) -> AppliedConfiguration:
        start.wait()
        return applying(Configuration(companies={ref: a_company(ref=ref)}))

    with ThreadPoolExecutor(len(refs)) as pool:
        applied = list(pool.map(declare, refs))

    assert set(refs) < applying.current.companies.keys()
    assert len({each.revision for each in applied}) == len(refs)
