"""A broker for these tests: stopped, killed and starved by some of them, so never one that the environment names."""

from collections.abc import Iterator

import pytest

from tests.integration.messaging.support import RecordingTelemetry
from tests.services import rabbitmq
from tests.services.rabbitmq import RabbitServer


@pytest.fixture(scope="session")
def broker_server() -> Iterator[RabbitServer]:
    with rabbitmq.start(own=True) as server:
        yield server


@pytest.fixture
def broker_url(broker_server: RabbitServer) -> Iterator[str]:
    url = broker_server.create_vhost()
    yield url
    broker_server.delete_vhost(url)


@pytest.fixture
def telemetry() -> RecordingTelemetry:
    return RecordingTelemetry()
