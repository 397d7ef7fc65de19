from tests.e2e.cli.conftest import COMPANIES, Installation, wait_until


def test_help_shows_every_command_and_the_exit_codes(empty: Installation) -> None:
    """The first thing that anybody types."""
    done = empty("--help")

    words = done.out.split()
    commands = "demo migrate doctor up apply export config verify trace intake worker scheduler orders invoices quarantine deliveries"
    assert done.code == 0
    assert [command for command in commands.split() if command not in words] == []
    assert "7 a check found a problem" in " ".join(words)


def test_a_mistyped_command_gets_a_suggestion_and_the_code_for_usage(empty: Installation) -> None:
    """Exit code 2."""
    done = empty("orders", "lst")

    assert (done.code, done.out) == (2, "")
    assert "Did you mean 'list'" in done.err


def test_a_mistyped_option_gets_a_suggestion(empty: Installation) -> None:
    """Exit code 2."""
    done = empty("orders", "list", "--jsn")

    assert done.code == 2
    assert "--json" in done.err


def test_a_command_before_the_first_migration_says_what_to_run(empty: Installation) -> None:
    """Not a missing table."""
    done = empty("orders", "list")

    assert (done.code, done.out) == (1, "")
    assert "billhook migrate" in done.err
    assert "Traceback" not in done.err


def test_a_command_in_the_wrong_folder_leaves_nothing_behind(empty: Installation) -> None:
    """No folder, no database, no key: it says where it looked, and what would start an installation."""
    for arguments in (("orders", "list"), ("verify",), ("export",), ("doctor",), ("worker", "--until-idle"), ("migrate", "--dry-run")):
        done = empty(*arguments)

        assert done.code == (0 if arguments[0] == "migrate" else 1), arguments
        assert list(empty.folder.iterdir()) == [], arguments
    assert str(empty.folder / "var/billhook.db") in empty("orders", "list").err


def test_debug_shows_the_traceback_wherever_it_stands(empty: Installation) -> None:
    """Who reports a fault can show where it came from."""
    assert "Traceback" in empty("orders", "list", "--debug").err
    assert "Traceback" in empty("--debug", "orders", "list").err


def test_migrating_twice_says_that_nothing_was_to_do(empty: Installation) -> None:
    """And a dry run changes nothing."""
    rehearsed = empty("migrate", "--dry-run", "--json").json
    first = empty("migrate", "--json").json
    second = empty("migrate")

    assert rehearsed["revision"] is None
    assert first["before"] is None
    assert first["revision"] == first["expected"]
    assert "up to date" in second.out


def test_an_unknown_setting_stops_every_command(empty: Installation) -> None:
    """With a suggestion, and the code for usage."""
    done = empty("config", "show", databse_url="sqlite:///x.db")

    assert done.code == 2
    assert "Did you mean 'BILLHOOK_DATABASE_URL'?" in done.err


def test_the_settings_are_shown_with_their_origin_and_without_passwords(empty: Installation) -> None:
    """From variables and from the file `.env`."""
    empty.write(".env", "BILLHOOK_LOG_FORMAT=json\n")

    done = empty("config", "show", "--json", broker_url="amqp://one:s3same@mq.example/")

    shown = {setting["name"]: (setting["value"], setting["origin"]) for setting in done.json["settings"]}
    assert shown["BILLHOOK_BROKER_URL"] == ("amqp://one:***@mq.example/", "environment")
    assert shown["BILLHOOK_LOG_FORMAT"] == ("json", ".env file")
    assert shown["BILLHOOK_LEASE_S"] == ("60", "default")


def test_a_database_that_is_away_has_its_own_code(empty: Installation) -> None:
    """Exit code 6, so that a script can wait."""
    done = empty("orders", "list", database_url="postgresql://nobody@127.0.0.1:1/billhook", secret_key="x" * 32)

    assert (done.code, done.out) == (6, "")


def test_doctor_finds_a_healthy_house_healthy(billhook: Installation) -> None:
    """Every check by name."""
    done = billhook("doctor", "--json")

    assert (done.code, done.json["ok"]) == (0, True)
    assert {check["name"] for check in done.json["checks"]} == {
        "data folder",
        "disk",
        "secret key",
        "database",
        "schema",
        "clock",
        "broker",
        "mail",
        "fonts",
        "secrets",
        "host keys",
        "integrations",
        "lanes",
        "numbers",
        "incidents",
    }


def test_doctor_tells_the_next_step_where_something_is_wrong(empty: Installation) -> None:
    """Exit code 7, and the other checks are done all the same."""
    (empty.folder / "var").mkdir()
    (empty.folder / "var/billhook.db").touch()
    done = empty("doctor", "--json", smtp_url="smtp://127.0.0.1:1", broker_url="amqp://127.0.0.1:1")

    failed = {check["name"]: check["next_step"] for check in done.json["checks"] if check["verdict"] == "fail"}
    assert done.code == 7
    assert set(failed) == {"schema", "broker", "mail"}
    assert "billhook migrate" in failed["schema"]
    assert all(failed.values())


def test_up_brings_a_new_house_from_nothing_to_work(empty: Installation) -> None:
    """On the embedded default it makes the schema, takes the inbox, and stops when all is done."""
    assert empty("up", "--until-idle").code == 0
    assert empty("apply", "-f", empty.write("companies.yaml", COMPANIES)).code == 0
    inbox = empty.folder / "var/inbox"
    (inbox / "one.json").write_text(empty.order("1001"))

    assert empty("up", "--until-idle").code == 0

    assert [row["ref"] for row in empty("orders", "list", "--json").json["orders"]] == ["1001"]
    assert [file.suffix for file in inbox.iterdir()] == [".done"]


def test_up_finishes_and_stops_when_it_is_asked_to(billhook: Installation) -> None:
    """SIGTERM is how systemd and Kubernetes ask; a file that is there by then is taken or left whole."""
    with billhook.start("up") as process:
        inbox = billhook.folder / "var/inbox"
        wait_until(inbox.is_dir)
        (inbox / "one.json").write_text(billhook.order("1001"))
        wait_until(lambda: list(inbox.glob("*.done")))

        process.terminate()

        assert process.wait(60) == 0
    assert [row["ref"] for row in billhook("orders", "list", "--json").json["orders"]] == ["1001"]
