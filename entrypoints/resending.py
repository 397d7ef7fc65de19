"""What sending a delivered document again does, kind by kind: said before it is done.

Each sentence is proven against the destination by a test that sends twice (tests/contracts/accounting, tests/e2e/cli/test_resending.py).
"""

PDF_EMAILER = "It sends a second mail, with a Message-ID of its own: the recipients have the document twice."
FILE = "It writes a second file, whose name ends in -r and a number; the first stays. Who reads both has the document twice."
FILE_AND_MAIL = "It writes a second file, whose name ends in -r and a number, and sends a second mail about it; the first ones stay."
CALL = (
    "It hands the document over once more, as a sending of its own, and looks nothing up first: "
    "a partner that does not know the document by its number takes it twice."
)
CALL_BY_PO_NUMBER = (
    "It sends the order once more, with the PO number that the field map makes: the partner takes each number once only, "
    "so change the map before."
)
XERO = (
    "It looks the number up at Xero and finds it: nothing is made twice. Only what somebody deleted there is made anew "
    "(the document, its purchase order, its PDF, its allocation); what was voided or renumbered there is refused."
)
FORTNOX = (
    "It looks our reference up in Fortnox and finds it: nothing is made twice, and it is sent only where Fortnox says that it was not. "
    "Only what was cancelled there is made anew."
)
JORTT = (
    "It looks our reference up at jortt and finds it: nothing is made twice, and it is sent only where it is a draft there. "
    "Only what somebody deleted there is made anew."
)
