from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of


def test_an_article_keeps_its_number_and_gets_the_default_accounts(caller: Caller) -> None:
    """As recorded."""
    article = caller.post("articles", {"Article": {"ArticleNumber": "B-9", "Description": "Byxa", "Unit": "st"}}).json()["Article"]

    assert (article["ArticleNumber"], article["EUAccount"], article["ExportAccount"]) == ("B-9", 3108, 3105)
    assert caller.get("articles/B-9").json()["Article"] == article


def test_an_article_number_in_use_is_refused(caller: Caller) -> None:
    """By a 400; its code is not known."""
    assert caller.post("articles", {"Article": {"ArticleNumber": "MUG", "Description": "Mugg"}}).status_code == 400


def test_an_article_that_does_not_exist_is_not_found(caller: Caller) -> None:
    """By its address."""
    assert code_of(caller.get("articles/none")) == (404, 2000428)


def test_a_unit_must_exist(caller: Caller) -> None:
    """2000432."""
    assert code_of(caller.put("articles/MUG", {"Article": {"Unit": "låda"}})) == (400, 2000432)


def test_an_inherited_account_that_the_chart_lacks_stops_the_next_change(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Although the change does not touch it."""
    fake_fortnox.companies["1000"].missing_accounts.add(3108)
    created = caller.post("articles", {"Article": {"ArticleNumber": "B-9", "Description": "Byxa"}})

    changed = caller.put("articles/B-9", {"Article": {"Note": "blå"}})

    assert created.status_code == 201
    assert code_of(changed) == (400, 2001304)


def test_lists_write_numbers_as_text(caller: Caller) -> None:
    """Where the article itself has numbers."""
    item = caller.get("articles", articlenumber="MUG").json()["Articles"][0]

    assert (item["VAT"], item["SalesPrice"]) == ("25", "0")
    assert caller.get("articles/MUG").json()["Article"]["VAT"] == 25
