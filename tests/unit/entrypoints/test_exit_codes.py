import pytest

from application.configuration_mistakes import ConfigurationRefused, Mistake
from domain.errors import Conflict, DomainError, Invalid, NotFound, TemporaryFailure
from entrypoints.cli.exit_codes import exit_code_of, sentences_of

ERRORS = [
    (DomainError("secret_unreadable", "The secret cannot be read.", "Set it again."), 1),
    (ValueError("bug"), 1),
    (KeyboardInterrupt(), 1),
    (Invalid("format", "'doc' is not one of pdf, json"), 2),
    (ConfigurationRefused([Mistake("companies[777].currency", "No.", 3)]), 2),
    (DomainError("settings_refused", "BILLHOOK_X: no"), 2),
    (Conflict("ambiguous_number", "Several documents are numbered 'X'."), 2),
    (DomainError("needs_reauth", "The consent has ended.", "billhook connect xero"), 4),
    (NotFound("order", "4711"), 5),
    (TemporaryFailure("The database is away."), 6),
]


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=[type(error).__name__ + str(code) for error, code in ERRORS])
def test_each_error_has_the_documented_exit_code(error: BaseException, code: int) -> None:
    """DESIGN 4.3."""
    assert exit_code_of(error) == code


@pytest.mark.parametrize("error", [error for error, _ in ERRORS], ids=lambda error: type(error).__name__)
def test_each_error_is_told_in_sentences(error: BaseException) -> None:
    """Never empty, never a traceback."""
    text = sentences_of(error)

    assert text
    assert "Traceback" not in text


def test_a_refusal_says_what_to_do_next() -> None:
    """What happened first, then the step."""
    assert sentences_of(DomainError("x", "The key is gone.", "Set it again.")) == "The key is gone.\nWhat to do: Set it again."
