import pytest

from application.carries_customers import CustomerCarryingDestination
from application.ports.destination import Consignment, CustomerDocument
from domain.delivery.outcome import Delivered, NotThere, Outcome, Refused, RetryLater
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.totals import Totals
from domain.money import ZERO
from domain.pricing.price_order import PricedOrder
from tests.factories import an_issued, an_order
from tests.fakes.destination import InMemoryDestination


def a_customer(delivery_id: int = 1) -> Consignment:
    """On its way."""
    order = an_order(lines=())
    document = CustomerDocument(1, order, {}, PricedOrder(order, "GBP", ()), Totals(ZERO, ZERO, ZERO, ()))
    return Consignment(delivery_id, f"dlv-{delivery_id}-0", document)


def deliver(*batch: Consignment, failure: Exception | None = None) -> tuple[list[tuple[int, object]], InMemoryDestination, list[int]]:
    """The outcomes, the destination behind, and what was handed over before customers were written."""
    inner, handed_over = InMemoryDestination(), []

    def write(consignment: Consignment, _customer: CustomerDocument) -> Delivered:
        assert handed_over[-1] == consignment.delivery_id
        if failure is not None:
            raise failure
        return Delivered("C-1")

    destination = CustomerCarryingDestination(inner, write)
    outcomes = destination.deliver(batch, lambda each: handed_over.extend(one.delivery_id for one in each))
    return [(consignment.delivery_id, outcome) for consignment, outcome in outcomes], inner, handed_over


def test_customers_are_written_and_all_else_goes_on_together() -> None:
    """Each is handed over right before it is written."""
    invoice = Consignment(2, "dlv-2-0", an_issued())

    outcomes, inner, handed_over = deliver(invoice, a_customer(1), a_customer(3))

    assert outcomes == [(1, Delivered("C-1")), (3, Delivered("C-1")), (2, Delivered("remote"))]
    assert (inner.arrived, handed_over) == (["dlv-2-0"], [1, 3, 2])


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (TemporaryFailure("Away.", 30), RetryLater("Away.", 30)),
        (
            DomainError("no_name", "It has no name.", "Give it one"),
            Refused("no_name", "It has no name.", "Give it one, then: billhook deliveries retry {delivery}"),
        ),
    ],
)
def test_what_is_wrong_with_a_customer_is_told(failure: Exception, outcome: Outcome) -> None:
    """Later, or by a person."""
    assert deliver(a_customer(), failure=failure)[0] == [(1, outcome)]


def test_a_lost_consent_ends_the_visit() -> None:
    """Nothing else can be done there."""
    with pytest.raises(DomainError, match="Connect"):
        deliver(a_customer(), failure=DomainError("needs_reauth", "Connect again."))


def test_a_customer_without_an_answer_is_written_again() -> None:
    """It is found there."""
    inner = InMemoryDestination()

    assert CustomerCarryingDestination(inner, lambda _consignment, _customer: Delivered("C-1")).look_up(a_customer()) == NotThere()
