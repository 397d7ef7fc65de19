import signal
import socket
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.cli.conftest import COMPANIES, Installation, wait_until

MAILER = "777/pdf_emailer"


def test_a_paused_company_waits_until_it_is_resumed(with_orders: Installation) -> None:
    """The refusal names who paused it, why, and the command that lets it go on; a dry run pauses nothing."""
    rehearsed = with_orders("pause", "--company", "777", "--dry-run", "--json").json
    nothing = with_orders("pauses", "list", "--json").json
    paused = with_orders("pause", "--company", "777", "--reason", "wrong prices", "--json").json
    refused = with_orders("invoices", "run", "--company", "777")
    listed = with_orders("pauses", "list", "--json").json["pauses"]
    resumed = with_orders("resume", "--company", "777", "--json").json
    issued = with_orders("invoices", "run", "--company", "777", "--json").json

    assert (rehearsed["id"], nothing["pauses"]) == (None, [])
    assert (paused["scope"], paused["subject"], paused["reason"]) == ("company", "777", "wrong prices")
    assert refused.code == 1
    assert "wrong prices" in refused.err
    assert "billhook resume --company 777" in refused.err
    assert [row["id"] for row in listed] == [paused["id"]]
    assert resumed["pause"]["id"] == paused["id"]
    assert issued["issued"] == [1]


def test_a_paused_intake_leaves_its_messages_where_they_are(billhook: Installation) -> None:
    """The role waits, or ends where it shall not wait; after the end of the pause nothing is missing."""
    inbox = billhook.folder / "var" / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "day.jsonl").write_text(billhook.order("1"), encoding="utf-8")
    billhook("pause", "--queue", "intake", "--reason", "wrong shop")

    paused = billhook("intake", "--until-idle")
    during = billhook("orders", "list", "--json").json["orders"]
    billhook("resume", "--queue", "intake")
    resumed = billhook("intake", "--until-idle")

    assert (paused.code, during, resumed.code) == (0, [], 0)
    assert [row["ref"] for row in billhook("orders", "list", "--json").json["orders"]] == ["1"]


def test_a_pause_needs_exactly_one_subject_that_exists(billhook: Installation) -> None:
    """A pause of nothing, or of two things, or of what is not there, would not do what was meant."""
    assert billhook("pause").code == 2
    assert billhook("pause", "--fleet", "--company", "777").code == 2
    missing = billhook("pause", "--integration", "777/xero")
    assert (missing.code, MAILER in missing.err) == (5, True)
    assert f"Did you mean '{MAILER}'?" in billhook("resume", "--integration", f"{MAILER}s").err
    assert "Did you mean 'xero'?" in billhook("pause", "--vendor", "xreo").err
    unknown = billhook("resume", "--vendor", "quickbooks")
    assert (unknown.code, "fortnox" in unknown.err) == (5, True)
    assert billhook("pause", "--fleet", "--until", "2001-01-01").code == 2
    assert billhook("resume", "--fleet").out == "Nothing was paused there, and no lane rests.\n"
    assert "'invoicing'?" in billhook("pause", "--queue", "invoicin").err


def test_a_second_pause_tells_what_it_replaces_and_a_resume_what_still_holds(billhook: Installation) -> None:
    """Two operators at once see each other; the list goes page by page, a person's pauses first."""
    billhook("pause", "--fleet", "--reason", "move")
    again = billhook("pause", "--fleet", "--reason", "longer")
    billhook("pause", "--company", "777")
    first = billhook("pauses", "list", "--limit", "1", "--json").json
    second = billhook("pauses", "list", "--limit", "1", "--after", first["next"], "--json").json
    resumed = billhook("resume", "--integration", MAILER)
    [before, *_] = billhook("audit", "list", "--subject", "fleet", "--json").json["entries"]

    assert "takes the place of an older pause" in again.err
    assert "move" in again.err
    assert [row["subject"] for row in (*first["pauses"], *second["pauses"])] == ["", "777"]
    assert second["next"] is None
    assert resumed.out == "Nothing was paused there, and no lane rests.\n"
    assert "Still paused: the fleet" in resumed.err
    assert "longer" in resumed.err
    assert "instead of: The fleet was paused by" in before["detail"]


def test_lists_are_filtered_and_a_page_behind_the_last_says_so(with_invoice: Installation) -> None:
    """Behind the end nothing looks as if nothing were declared; a name that does not exist is refused."""
    lanes = with_invoice("lanes", "list", "--company", "777", "--json").json["lanes"]

    assert [lane["integration"] for lane in lanes] == [MAILER]
    assert with_invoice("incidents", "list", "--company", "777", "--json").json == {"incidents": [], "next": None}
    assert with_invoice("quarantine", "list", "--since", "2099-01-01", "--json").json["quarantine"] == []
    assert "There are no more behind zzz." in with_invoice("lanes", "list", "--after", "zzz").err
    assert {with_invoice(what, "list", "--company", "77").code for what in ("lanes", "incidents", "deliveries", "orders")} == {5}


def test_lanes_tell_what_waits_and_why(with_invoice: Installation) -> None:
    """What is paused says so; after the worker nothing is open."""
    waiting = with_invoice("lanes", "list", "--json").json["lanes"]
    with_invoice("pause", "--integration", MAILER, "--reason", "new template")
    idle = with_invoice("worker", "--until-idle")
    paused = with_invoice("lanes", "list", "--json").json["lanes"]
    with_invoice("resume", "--integration", MAILER)
    with_invoice("worker", "--until-idle")
    done = with_invoice("lanes", "list", "--json").json["lanes"]

    assert [(row["integration"], row["state"], row["open"]) for row in waiting] == [(MAILER, "waiting", 1)]
    assert "waits for its turn" in waiting[0]["reason"]
    assert idle.code == 0
    assert "new template" in f"{idle.out}{idle.err}"
    assert [(row["state"], row["open"], row["next_at"]) for row in paused] == [("paused", 1, None)]
    assert "new template" in paused[0]["reason"]
    assert [(row["state"], row["open"]) for row in done] == [("empty", 0)]


def test_the_audit_log_tells_who_did_what_and_why(billhook: Installation) -> None:
    """Newest first, page by page, by filter."""
    billhook("pause", "--fleet", "--reason", "move")
    billhook("resume", "--fleet", "--reason", "moved")

    first = billhook("audit", "list", "--subject", "fleet", "--limit", "1", "--json").json
    second = billhook("audit", "list", "--subject", "fleet", "--limit", "1", "--after", first["next"], "--json").json
    others = billhook("audit", "list", "--action", "paused", "--json").json["entries"]

    assert [(entry["action"], entry["reason"]) for entry in (*first["entries"], *second["entries"])] == [
        ("resumed", "moved"),
        ("paused", "move"),
    ]
    assert [entry["reason"] for entry in others] == ["move"]


def test_a_week_is_replayed_into_a_new_integration(with_invoice: Installation) -> None:
    """The preview tells how many; without a terminal and --yes nothing changes; a second time there is nothing to do."""
    with_invoice("worker", "--until-idle")
    files = with_invoice.folder / "drop"
    more = COMPANIES.replace(
        "price_lists:",
        f"      - kind: generic_filesystem\n        settings: {{fs_type: local, fs_root: {files}, document: invoice}}\nprice_lists:",
    )
    applied = with_invoice("apply", "-f", with_invoice.write("more.yaml", more), "--yes")

    preview = with_invoice("replay", "orders", "--company", "777", "--dry-run", "--json").json
    unanswered = with_invoice("replay", "orders", "--company", "777")
    done = with_invoice("replay", "orders", "--company", "777", "--yes", "--reason", "new file drop", "--json").json
    again = with_invoice("replay", "orders", "--company", "777", "--yes", "--json").json
    with_invoice("worker", "--until-idle")
    listed = with_invoice("replay", "list", "--json").json["replays"]

    assert "777/generic_filesystem: owed what is issued or falls due from now on." in applied.err
    assert "billhook replay orders --company 777 --dry-run" in applied.err
    assert (preview["looked_at"], preview["changed"], preview["dry_run"]) == (3, 1, True)
    assert (unanswered.code, "--yes" in unanswered.err) == (2, True)
    assert (done["changed"], again["changed"], again["dry_run"]) == (1, 0, True)
    assert [path.suffix for path in files.iterdir()] == [".xml"]
    assert [(row["id"], row["reason"]) for row in listed] == [(done["id"], "new file drop")]


def test_messages_that_can_be_read_now_are_replayed(with_orders: Installation) -> None:
    """One that still cannot stays, and the exit code says so."""
    result = with_orders("replay", "quarantine", "--yes", "--since", "2026-01-01", "--json")

    assert (result.code, result.json["quarantined"]) == (1, 1)
    assert with_orders("replay", "quarantine", "--until", "2026-01-01", "--yes", "--json").json["quarantined"] == 0
    assert with_orders("replay", "orders", "4711", "--yes").code == 5
    assert with_orders("replay", "continue", "rpl_7").code == 5
    assert with_orders("replay", "deliveries", "dlv_99", "--yes").code == 5


def test_a_role_tells_how_it_is(billhook: Installation) -> None:
    """The health check of a container: 0 while it lives and is ready, 7 when nobody answers, 2 where no address is set."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    (billhook.folder / ".env").write_text(f"BILLHOOK_HEALTH_ADDRESS={address}\n", encoding="utf-8")

    with billhook.start("worker"):
        wait_until(lambda: billhook("worker", "--health-check").code == 0)
    gone = billhook("worker", "--health-check")
    (billhook.folder / ".env").unlink()

    assert (gone.code, "nobody answers" in gone.err) == (7, True)
    assert billhook("worker", "--health-check").code == 2


def test_a_replay_stopped_with_ctrl_c_goes_on_where_it_stopped(billhook: Installation) -> None:
    """The exit code says that it is partly done, the sentence how to go on, and that works at once."""
    orders = "".join(billhook.order(str(ref)) for ref in range(500))
    billhook("orders", "import", billhook.write("orders.jsonl", orders))
    billhook("invoices", "run", "--company", "777")
    drop = f"generic_filesystem\n        settings: {{fs_type: local, fs_root: {billhook.folder / 'drop'}, document: invoice}}"
    more = COMPANIES.replace("price_lists:", f"      - kind: {drop}\nprice_lists:")
    billhook("apply", "-f", billhook.write("more.yaml", more), "--yes")

    with billhook.start("replay", "orders", "--company", "777", "--rate", "20", "--yes") as process:
        wait_until(lambda: [row["looked_at"] for row in billhook("replay", "list", "--json").json["replays"]] == [200])
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    told = (billhook.folder / "log").read_text(encoding="utf-8")
    [stopped] = billhook("replay", "list", "--json").json["replays"]
    go_on = ("replay", "continue", stopped["id"])
    with ThreadPoolExecutor(2) as operators:
        rests = [done.result() for done in [operators.submit(billhook, *go_on) for _ in range(2)]]
    [finished] = billhook("replay", "list", "--json").json["replays"]

    assert code == 3
    assert f"billhook replay continue {stopped['id']}" in told
    assert (stopped["looked_at"], stopped["changed"], stopped["finished_at"]) == (200, 1, None)
    # Two do so at once: one of them may be told that the other is at it.
    assert 0 in {rest.code for rest in rests}
    assert all("is replaying the same" in rest.err for rest in rests if rest.code)
    assert (finished["looked_at"], finished["changed"], bool(finished["finished_at"])) == (500, 1, True)
