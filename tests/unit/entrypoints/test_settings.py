from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.masking import mask_url
from entrypoints.settings import LogFormat, Origin, Settings, SettingsRefused, load_settings

A_KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*(f"BILLHOOK_{field.upper()}" for field in Settings.model_fields), "BILLHOOK_TEST_POSTGRES_URL"]:
        monkeypatch.delenv(name, raising=False)


def refusal(env_file: Path) -> str:
    with pytest.raises(SettingsRefused) as caught:
        load_settings(env_file)
    return caught.value.text


def test_without_any_setting_everything_runs_from_files_on_this_machine(tmp_path: Path) -> None:
    """The embedded default needs nothing."""
    settings = load_settings(tmp_path / ".env")

    assert settings.is_embedded
    assert settings.effective_database_url.endswith("/var/billhook.db")
    assert (settings.broker_url, settings.secret_key, settings.smtp_url) == ("", None, None)


def test_the_environment_goes_before_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And each value tells where it came from."""
    env_file = tmp_path / ".env"
    env_file.write_text("BILLHOOK_LOG_FORMAT=json\nBILLHOOK_WORKER_THREADS=2\nOTHER=1\n")
    monkeypatch.setenv("BILLHOOK_WORKER_THREADS", "7")

    settings = load_settings(env_file)

    assert (settings.log_format, settings.worker_threads) == (LogFormat.JSON, 7)
    assert [settings.origin(name) for name in ("log_format", "worker_threads", "lease_s")] == [
        Origin.ENV_FILE,
        Origin.ENVIRONMENT,
        Origin.DEFAULT,
    ]


def test_an_unknown_name_is_refused_with_the_name_that_was_probably_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error must not silently mean the default."""
    monkeypatch.setenv("BILLHOOK_DATBASE_URL", "sqlite:///x.db")

    assert "BILLHOOK_DATBASE_URL: there is no such setting. Did you mean 'BILLHOOK_DATABASE_URL'?" in refusal(tmp_path / ".env")


def test_an_unknown_name_in_the_env_file_is_refused_too(tmp_path: Path) -> None:
    """Both places are held to the same list."""
    (tmp_path / ".env").write_text("BILLHOOK_SMPT_URL=smtp://mail.example\n")

    assert "Did you mean 'BILLHOOK_SMTP_URL'?" in refusal(tmp_path / ".env")


def test_names_of_the_tests_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be set beside the command and mean nothing to it."""
    monkeypatch.setenv("BILLHOOK_TEST_POSTGRES_URL", "postgresql://test")
    monkeypatch.setenv("BILLHOOK_SPECS", "folder")

    assert load_settings(tmp_path / ".env").is_embedded


def test_all_mistakes_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One correction must be enough."""
    for name, value in {"LOG_LEVEL": "loud", "WORKER_THREADS": "none", "BROKER_URL": "http://broker", "LEASES": "1"}.items():
        monkeypatch.setenv(f"BILLHOOK_{name}", value)

    lines = refusal(tmp_path / ".env").splitlines()

    assert {line.partition(":")[0] for line in lines} == {
        "BILLHOOK_LOG_LEVEL",
        "BILLHOOK_WORKER_THREADS",
        "BILLHOOK_BROKER_URL",
        "BILLHOOK_LEASES",
    }


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg_3(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People copy addresses from everywhere."""
    monkeypatch.setenv("BILLHOOK_DATABASE_URL", f"{scheme}://user:word@db.example/billhook")
    monkeypatch.setenv("BILLHOOK_SECRET_KEY", A_KEY)

    settings = load_settings(tmp_path / ".env")

    assert settings.effective_database_url == "postgresql+psycopg://user:word@db.example/billhook"
    assert not settings.is_embedded


@pytest.mark.parametrize("url", ["mysql://db.example/billhook", "postgresql+asyncpg://db.example/x", "billhook.db"])
def test_another_database_is_refused(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it may be instead."""
    monkeypatch.setenv("BILLHOOK_DATABASE_URL", url)

    assert "use sqlite:///FILE or postgresql://" in refusal(tmp_path / ".env")


def test_postgresql_needs_a_secret_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key file of one machine would be no use to the others."""
    monkeypatch.setenv("BILLHOOK_DATABASE_URL", "postgresql://db.example/billhook")

    assert "BILLHOOK_SECRET_KEY is required with PostgreSQL" in refusal(tmp_path / ".env")


def test_a_short_secret_key_is_refused_and_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with a secret must not print it."""
    monkeypatch.setenv("BILLHOOK_SECRET_KEY", "hunter2")

    text = refusal(tmp_path / ".env")

    assert "at least 32 characters" in text
    assert "hunter2" not in text


def test_a_webhook_needs_a_key_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could tell its events from invented ones. Neither the address nor the key is shown."""
    monkeypatch.setenv("BILLHOOK_ALERT_WEBHOOK_URL", "https://chat.example/hooks/hunter2")
    without = refusal(tmp_path / ".env")
    monkeypatch.setenv("BILLHOOK_ALERT_WEBHOOK_KEY", "short")
    short = refusal(tmp_path / ".env")
    monkeypatch.setenv("BILLHOOK_ALERT_WEBHOOK_KEY", "a key of more than thirty-two characters")

    shown = {setting.name: setting.value for setting in load_settings(tmp_path / ".env").shown()}

    assert "BILLHOOK_ALERT_WEBHOOK_KEY is required" in without
    assert "at least 32 characters" in short
    assert (shown["BILLHOOK_ALERT_WEBHOOK_URL"], shown["BILLHOOK_ALERT_WEBHOOK_KEY"]) == ("***", "***")


@pytest.mark.parametrize("url", ["chat.example/hooks", "ftp://chat.example/hooks"])
def test_a_webhook_is_an_http_address(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it may be instead."""
    monkeypatch.setenv("BILLHOOK_ALERT_WEBHOOK_URL", url)

    assert "https://HOST" in refusal(tmp_path / ".env")


def test_what_is_shown_holds_no_password_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does the settings' own text, which a log may print."""
    monkeypatch.setenv("BILLHOOK_DATABASE_URL", "postgresql://billhook:s3same@db.example/billhook")
    monkeypatch.setenv("BILLHOOK_BROKER_URL", "amqp://one:s3same@mq1.example;amqp://one:s3same@mq2.example")
    monkeypatch.setenv("BILLHOOK_SMTP_URL", "smtp://mailer:s3same@mail.example:587")
    monkeypatch.setenv("BILLHOOK_SECRET_KEY", "s3same" * 8)

    settings = load_settings(tmp_path / ".env")
    shown = {setting.name: setting.value for setting in settings.shown()}

    assert "s3same" not in f"{shown} {settings!r} {settings}"
    assert shown["BILLHOOK_BROKER_URL"] == "amqp://one:***@mq1.example;amqp://one:***@mq2.example"
    assert shown["BILLHOOK_SMTP_URL"] == "smtp://mailer:***@mail.example:587"


@given(
    password=st.text("abcXYZ0189@:!$&'()*+,;=%", min_size=4, max_size=20).filter(lambda text: "***" not in text and text.strip("@:")),
    user=st.text("abc", min_size=1, max_size=5),
)
def test_a_masked_address_never_holds_the_password(password: str, user: str) -> None:
    """Also where somebody forgot to encode it."""
    masked = mask_url(f"amqp://{user}:{password}@broker.example:5672/vhost")

    assert masked == f"amqp://{user}:***@broker.example:5672/vhost"


@pytest.mark.parametrize("plain", ["", "var", "postgresql:///billhook", "sqlite:////srv/billhook.db", "amqp://broker.example"])
def test_what_has_no_password_is_shown_as_it_is(plain: str) -> None:
    """Masking must not change what it need not hide."""
    assert mask_url(plain) == plain


def test_a_password_in_the_query_is_masked() -> None:
    """Libpq takes it there as well."""
    assert mask_url("postgresql://db.example/x?password=s3same&sslmode=require") == "postgresql://db.example/x?password=***&sslmode=require"


def test_a_vendor_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others stay where they are; a slash at the end means nothing."""
    monkeypatch.setenv("BILLHOOK_XERO_API_URL", "http://127.0.0.1:8080/")

    addresses = load_settings(tmp_path / ".env").vendor_addresses

    assert (addresses.xero_api_url, addresses.xero_login_url) == ("http://127.0.0.1:8080", "https://login.xero.com")
    assert addresses.jortt_auth_url == "https://app.jortt.nl"


def test_the_address_of_a_vendor_must_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only a host."""
    monkeypatch.setenv("BILLHOOK_FORTNOX_AUTH_URL", "apps.fortnox.se")

    with pytest.raises(SettingsRefused, match="BILLHOOK_FORTNOX_AUTH_URL: must be an address such as https://HOST"):
        load_settings(tmp_path / ".env")
