"""Two operators who type the same at the same time, each in a process of their own: it happens once, and both are told the truth."""

from concurrent.futures import ThreadPoolExecutor

from tests.e2e.cli.conftest import COMPANIES, Done, Installation


def both(house: Installation, *commands: tuple[str, ...]) -> list[Done]:
    """How the commands ended, which ran at once."""
    with ThreadPoolExecutor(len(commands)) as operators:
        return list(operators.map(lambda arguments: house(*arguments), commands))


def test_an_invoice_is_credited_once(with_invoice: Installation) -> None:
    """The second is told that nothing is left to credit; no number is used for it."""
    credit = ("invoices", "credit", "INV-000001", "--reason", "Wrong price", "--yes")

    done = both(with_invoice, credit, credit)

    assert sorted(each.code for each in done) == [0, 1]
    assert "Traceback" not in "".join(each.err for each in done)
    assert len(with_invoice("invoices", "list", "--credit-notes", "--json").json["invoices"]) == 1
    assert with_invoice("verify").code == 0


def test_a_pause_and_a_resume_leave_one_of_the_two(billhook: Installation) -> None:
    """Whoever came last: nothing is half paused, and each act is in the log."""
    pause, resume = ("pause", "--company", "777", "--reason", "wrong prices"), ("resume", "--company", "777")
    assert billhook(*pause).code == 0

    done = both(billhook, resume, pause, resume, pause)

    assert [each.code for each in done] == [0, 0, 0, 0]
    assert len(billhook("pauses", "list", "--json").json["pauses"]) in {0, 1}
    paused = billhook("audit", "list", "--action", "paused", "--subject", "company:777", "--json").json["entries"]
    assert len(paused) == 3
    billhook(*resume)
    assert billhook("pauses", "list", "--json").json["pauses"] == []


def test_a_replay_that_two_start_and_continue_changes_each_thing_once(with_invoice: Installation) -> None:
    """One of them does it; the other finds it running, or done."""
    drop = (
        f"      - kind: generic_filesystem\n        settings: {{fs_type: local, fs_root: {with_invoice.folder}/drop, document: invoice}}\n"
    )
    with_invoice("apply", "-f", with_invoice.write("more.yaml", COMPANIES.replace("price_lists:", f"{drop}price_lists:")), "--yes")
    replay = ("replay", "orders", "--company", "777", "--yes", "--json")

    started = both(with_invoice, replay, replay)
    [known] = {row["id"] for row in with_invoice("replay", "list", "--json").json["replays"] if row["changed"]}
    continued = both(with_invoice, ("replay", "continue", known, "--json"), ("replay", "continue", known, "--json"))

    # Who looked after the other was through found nothing to change; who looked before was told that it is running, or changed nothing.
    assert {each.code for each in started} <= {0, 1}
    assert all("is replaying the same" in each.err for each in started if each.code)
    assert [(each.code, each.json["changed"]) for each in continued] == [(0, 1), (0, 1)]
    files = [row for row in with_invoice("deliveries", "list", "--json").json["deliveries"] if row["kind"] == "generic_filesystem"]
    assert len(files) == 1
