from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any

import pytest

from adapters.file_drop.key_pairs import SshKeyPairs
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.configuration import Configuration
from application.configuration_mistakes import ConfigurationRefused
from application.key_pairs import MADE_KEY
from application.queries.export_configuration import ExportConfigurationHandler
from application.queries.show_integration import ShowIntegrationHandler
from application.use_cases.apply_configuration import AppliedConfiguration, ApplyConfiguration, ApplyConfigurationHandler
from domain.companies.integration import Integration
from tests.factories import VAT_NUMBERS, a_company, a_configuration, an_admin_company
from tests.fakes.destination import InMemoryDestinations
from tests.integration.use_cases.house import LANE, House

LOGO = "a" * 64


@dataclass
class Applying:
    """Applies to a house that is configured already."""

    house: House

    def __post_init__(self) -> None:
        box = AesGcmSecretBox("a key of more than thirty-two characters")
        self.handler = ApplyConfigurationHandler(self.house.units_of_work, ChecksumVatRegister(), box, SshKeyPairs(), self.house.clock)

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


SFTP = {"fs_type": "sftp", "fs_root": "/orders", "host": "files.example", "username": "acme", "host_key": "SHA256:abc"}
DROP = Integration("501", "generic_filesystem", settings=SFTP)
KEY_ADDED = ("added", "companies[501].integrations[generic_filesystem].secrets.private_key")


def with_drop(**changes: Any) -> Configuration:
    """The house's own configuration with an SFTP drop beside."""
    drop = replace(DROP, **changes)
    return a_configuration(integrations={LANE: a_configuration().integrations[LANE], drop.path: drop})


def secrets_of(applying: Applying, path: str = DROP.path) -> dict[str, str]:
    with applying.house.units_of_work() as uow:
        return dict(uow.configurations.secrets_of(path))


def test_an_sftp_drop_without_a_log_in_gets_a_key_pair_once(applying: Applying) -> None:
    """Its public line is told; applying the same again changes nothing, and tells nothing."""
    first = applying(with_drop())
    made = secrets_of(applying)
    second = applying(with_drop())

    assert KEY_ADDED in changes(first)
    assert list(made) == [MADE_KEY]
    assert first.public_keys == {DROP.path: SshKeyPairs().public_line(made[MADE_KEY], f"billhook:{DROP.path}")}
    assert (second.changes, dict(second.public_keys), second.revision) == ((), {}, first.revision)
    assert secrets_of(applying) == made


def test_a_key_that_was_made_stays_through_every_change(applying: Applying) -> None:
    """Other settings, switched off, taken out of the file and put in again: the partner knows this one."""
    applying(with_drop())
    made = secrets_of(applying)

    applying(with_drop(settings={**SFTP, "host": "other.example"}))
    applying(with_drop(enabled=False))
    applying(a_configuration())
    again = applying(with_drop())

    assert secrets_of(applying) == made
    assert KEY_ADDED not in changes(again)
    assert dict(again.public_keys) == {}


@pytest.mark.parametrize("name", ["password", "private_key"])
def test_a_declared_log_in_needs_no_key_pair(applying: Applying, name: str) -> None:
    """Not then, and not when a later file leaves it out: a secret that is not named stays."""
    applying(with_drop(), secrets={DROP.path: {name: "declared"}})
    later = applying(with_drop())

    assert secrets_of(applying) == {name: "declared"}
    assert later.changes == ()


@pytest.mark.parametrize("fs_type", ["ftp", "local"])
def test_only_ssh_has_key_pairs(applying: Applying, fs_type: str) -> None:
    """FTP logs in with a password, a folder not at all."""
    applied = applying(with_drop(settings={**SFTP, "fs_type": fs_type}), secrets={DROP.path: {"password": "s3same"}})

    assert secrets_of(applying) == {"password": "s3same"}
    assert dict(applied.public_keys) == {}


def test_a_dry_run_tells_no_key_that_it_does_not_keep(applying: Applying) -> None:
    """It shows that there would be one."""
    rehearsed = applying(with_drop(), dry_run=True)

    assert KEY_ADDED in changes(rehearsed)
    assert dict(rehearsed.public_keys) == {}
    assert secrets_of(applying) == {}


def test_a_key_that_cannot_be_read_any_more_is_not_replaced(applying: Applying) -> None:
    """Its seal was made with another secret key: that is for a person to see, and the partner still knows the pair."""
    applying(with_drop())
    stranger = Applying(applying.house)
    stranger.house.units_of_work = SqlUnitsOfWork(applying.house.engine, AesGcmSecretBox("another key of more than thirty-two characters"))
    stranger.__post_init__()

    again = stranger(with_drop())

    assert KEY_ADDED not in changes(again)
    assert dict(again.public_keys) == {}


def test_an_export_does_not_ask_for_a_key_that_was_made(applying: Applying) -> None:
    """Nobody could give it; applied elsewhere, the file makes a new one."""
    applying(with_drop(), secrets={LANE: {"token": "declared"}})

    names = ExportConfigurationHandler(applying.house.units_of_work)().secret_names

    assert names[DROP.path] == ()
    assert names[LANE] == ("token",)


def test_null_removes_a_secret_and_a_key_pair_takes_its_place(applying: Applying) -> None:
    """Shown as removed, and once: the same file again changes nothing."""
    applying(with_drop(), secrets={DROP.path: {"private_key": "declared"}})

    rehearsed = applying(with_drop(), secrets={DROP.path: {"private_key": None}}, dry_run=True)
    kept = secrets_of(applying)
    removed = applying(with_drop(), secrets={DROP.path: {"private_key": None}})
    made = secrets_of(applying)
    again = applying(with_drop(), secrets={DROP.path: {"private_key": None}})

    assert kept == {"private_key": "declared"}
    assert ("removed", KEY_ADDED[1]) in changes(rehearsed)
    assert changes(removed) == [("removed", KEY_ADDED[1]), KEY_ADDED]
    assert list(made) == [MADE_KEY]
    assert list(removed.public_keys) == [DROP.path]
    assert (again.changes, secrets_of(applying)) == ((), made)


def test_null_for_one_log_in_leaves_the_other(applying: Applying) -> None:
    """No key pair is made beside a password."""
    applying(with_drop(), secrets={DROP.path: {"private_key": "declared", "password": "s3same"}})

    applying(with_drop(), secrets={DROP.path: {"private_key": None}})

    assert secrets_of(applying) == {"password": "s3same"}


def test_a_secret_that_cannot_be_opened_any_more_can_be_removed(applying: Applying) -> None:
    """Its seal was made with a key that is gone; then a pair is made in its place."""
    applying(with_drop(), secrets={DROP.path: {"private_key": "declared"}})
    stranger = Applying(applying.house)
    stranger.house.units_of_work = SqlUnitsOfWork(applying.house.engine, AesGcmSecretBox("another key of more than thirty-two characters"))
    stranger.__post_init__()

    applied = stranger(with_drop(), secrets={DROP.path: {"private_key": None}})

    assert ("removed", KEY_ADDED[1]) in changes(applied)
    assert list(secrets_of(stranger)) == [MADE_KEY]


def test_secrets_that_a_file_does_not_name_are_kept_and_told(applying: Applying) -> None:
    """By name; a key that was made is not for a file to name."""
    applying(with_drop(), secrets={DROP.path: {"password": "s3same"}})

    silent = applying(with_drop())
    naming = applying(with_drop(), secrets={DROP.path: {"password": "s3same"}})
    removing = applying(with_drop(), secrets={DROP.path: {"password": None}})
    with_made = applying(with_drop())

    assert dict(silent.kept_secrets) == {DROP.path: ("password",)}
    assert [dict(each.kept_secrets) for each in (naming, removing, with_made)] == [{}, {}, {}]


def test_ftp_needs_a_password_given_or_stored(applying: Applying) -> None:
    """Refused at its place in the file, and nothing is changed."""
    ftp = {"fs_type": "ftp", "fs_root": "/orders", "host": "files.example", "username": "acme"}

    with pytest.raises(ConfigurationRefused) as caught:
        applying(with_drop(settings=ftp))
    applying(with_drop(settings=ftp), secrets={DROP.path: {"password": "s3same"}})
    later = applying(with_drop(settings=ftp))
    with pytest.raises(ConfigurationRefused):
        applying(with_drop(settings=ftp), secrets={DROP.path: {"password": None}})

    assert [mistake.path for mistake in caught.value.mistakes] == ["companies[501].integrations[generic_filesystem].secrets.password"]
    assert later.changes == ()
    assert secrets_of(applying) == {"password": "s3same"}


def test_an_integration_with_a_bad_key_is_shown_and_says_so(applying: Applying) -> None:
    """A key that was stored before keys were judged."""
    applying(with_drop(), secrets={DROP.path: {"private_key": "no key"}})

    details = ShowIntegrationHandler(applying.house.units_of_work, InMemoryDestinations(), SshKeyPairs(), applying.house.clock)(DROP.path)

    assert details.public_key == ""
    assert "private_key: null" in details.key_problem
    assert details.secrets == ("private_key",)


def test_an_integration_whose_secrets_cannot_be_opened_is_shown(applying: Applying) -> None:
    """With what is the matter."""
    applying(with_drop())
    stranger = SqlUnitsOfWork(applying.house.engine, AesGcmSecretBox("another key of more than thirty-two characters"))

    details = ShowIntegrationHandler(stranger, InMemoryDestinations(), SshKeyPairs(), applying.house.clock)(DROP.path)

    assert (details.public_key, details.secrets) == ("", ("private_key",))
    assert details.key_problem
