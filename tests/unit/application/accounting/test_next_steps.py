import pytest

from application.accounting.next_steps import connect_command, disconnect_command


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("777/xero", "connect xero --company 777"),
        ("777/xero/uk books", "connect xero --company 777 --name 'uk books'"),
        ("a b$/fortnox", "connect fortnox --company 'a b$'"),
    ],
)
def test_a_command_can_be_pasted(path: str, command: str) -> None:
    """Whatever stands in refs and names."""
    assert connect_command(path) == f"billhook {command}"
    assert disconnect_command(path) == f"billhook dis{command}"
