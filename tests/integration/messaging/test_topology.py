import pika
import pytest

from adapters.messaging.connection import connection_parameters
from adapters.messaging.quorum_broker import QuorumBroker
from adapters.messaging.topology import (
    DELIVERY_LIMIT,
    DELIVERY_QUEUE,
    INTAKE_QUEUE,
    INVOICING_QUEUE,
    OMS_EXCHANGE,
    check_topology,
    declare_intake,
)
from domain.errors import TemporaryFailure
from tests.integration.messaging.support import declare, intake_arguments, on_channel, publish, ready

OURS = intake_arguments(DELIVERY_LIMIT)


def declare_all(url: str) -> None:
    declare(url)
    broker = QuorumBroker(url, "test")
    broker.declare_queue(INVOICING_QUEUE, ensure=True)
    broker.declare_queue(DELIVERY_QUEUE, ensure=True)
    broker.close()


def test_on_a_fresh_broker_everything_is_reported_missing_and_nothing_is_made(broker_url: str) -> None:
    """The check only looks: twice the same answer."""
    first, second = check_topology(broker_url), check_topology(broker_url)

    assert [check.ok for check in first] == [False] * 9
    assert first == second
    steps = {check.name: check.next_step for check in first}
    assert steps[INTAKE_QUEUE] == "Start the intake once: it makes billhook.intake."
    assert steps[DELIVERY_QUEUE] == "Start a worker once: it makes billhook.delivery."
    assert all(steps.values())


def test_what_the_intake_and_the_workers_declare_is_what_the_check_expects(broker_url: str) -> None:
    """Also the proof that the overridden private methods of Dramatiq are the ones that declare its queues."""
    declare_all(broker_url)

    checks = check_topology(broker_url)

    assert [(check.name, check.detail) for check in checks if not check.ok] == []
    assert {check.name for check in checks} == {
        *(OMS_EXCHANGE, "billhook.intake", "billhook.intake.dead"),
        *("billhook.invoicing", "billhook.invoicing.DQ", "billhook.invoicing.XQ"),
        *("billhook.delivery", "billhook.delivery.DQ", "billhook.delivery.XQ"),
    }


def test_declaring_twice_changes_nothing_and_finds_no_difference(broker_url: str) -> None:
    """Every start of every process declares."""
    declare_all(broker_url)
    publish(broker_url, [b"{}"])

    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        differences = declare_intake(connection)

    assert differences == ()
    assert ready(broker_url) == 1


def test_an_exchange_that_the_oms_made_with_arguments_of_its_own_is_used_as_it_is(broker_url: str) -> None:
    """It is the OMS's: a declaration of ours would be refused because of the arguments, so there is none."""
    on_channel(
        broker_url,
        lambda channel: channel.exchange_declare(OMS_EXCHANGE, "topic", durable=True, arguments={"alternate-exchange": "amq.fanout"}),
    )

    declare(broker_url)
    publish(broker_url, [b"{}"])

    assert ready(broker_url) == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"x-queue-type": "classic"}, "x-dead-letter-exchange"),
        ({**OURS, "x-delivery-limit": 3}, "x-delivery-limit"),
        ({**OURS, "x-message-ttl": 1000}, "x-message-ttl"),
    ],
)
def test_a_queue_with_other_arguments_is_noticed_and_the_argument_named(broker_url: str, arguments: dict[str, object], named: str) -> None:
    """By the declaration, which goes on, and by the check; the broker names the first argument that differs."""
    on_channel(broker_url, lambda channel: channel.queue_declare(INTAKE_QUEUE, durable=True, arguments=arguments))

    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        differences = declare_intake(connection)
    publish(broker_url, [b"{}"])
    check = next(check for check in check_topology(broker_url) if check.name == INTAKE_QUEUE)

    assert len(differences) == 1
    assert named in differences[0]
    assert not check.ok
    assert named in check.detail
    assert check.messages == 1


def test_an_exchange_of_another_type_is_noticed(broker_url: str) -> None:
    """A direct exchange would deliver nothing for order.#, silently."""
    on_channel(broker_url, lambda channel: channel.exchange_declare(OMS_EXCHANGE, "direct", durable=True))

    check = check_topology(broker_url)[0]

    assert not check.ok
    assert "type" in check.detail


def test_a_broker_that_is_away_is_a_temporary_failure() -> None:
    """Nothing listens on port 1."""
    with pytest.raises(TemporaryFailure):
        check_topology("amqp://guest:guest@127.0.0.1:1/")


def test_the_operator_s_own_timeouts_win_over_ours() -> None:
    """A URL may name several nodes, each with settings of its own."""
    first, second = connection_parameters("amqp://a:b@one/v?heartbeat=7&socket_timeout=9;amqps://a:b@two/v", "worker")

    assert (first.host, first.heartbeat, first.socket_timeout, first.blocked_connection_timeout) == ("one", 7, 9, 5)
    assert (second.host, second.heartbeat, second.port) == ("two", 30, 5671)
    assert first.client_properties["connection_name"].startswith("billhook worker ")


@pytest.mark.parametrize("url", ["", "redis://localhost", "localhost:5672"])
def test_what_is_no_amqp_url_is_refused_without_repeating_it(url: str) -> None:
    """It may hold a password."""
    with pytest.raises(ValueError, match="amqp://user"):
        connection_parameters(url, "worker")
