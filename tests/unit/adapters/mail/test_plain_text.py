"""HTML read as text."""

import pytest

from adapters.mail.plain_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear <b>A &amp; B</b>,</p><p>two</p>", "Dear A & B,\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
        ("<table><tr><td>Net</td><td>1.00</td></tr></table>", "Net 1.00"),
        ('<a href="https://x.example/pay">Pay</a>', "Pay (https://x.example/pay)"),
        ('<a href="javascript:alert(1)">Pay</a>', "Pay"),
        ("<style>p {}</style><script>x()</script>text", "text"),
        ("line\n  broken   in the source", "line broken in the source"),
        ("<p>unclosed", "unclosed"),
        ("", ""),
    ],
)
def test_words_stay_and_marks_go(html: str, text: str) -> None:
    assert html_to_text(html) == text
