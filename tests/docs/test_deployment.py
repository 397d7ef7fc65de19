"""The image and the compose file name only what exists: no Docker engine is needed to know that."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.settings import PREFIX, Settings, load_settings
from entrypoints.worker import DRAIN_TIMEOUT_MS
from tests.docs.forms import billhook_mistakes, services
from tests.docs.pages import ROOT

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SECRETS = {"POSTGRES_PASSWORD": "a" * 48, "RABBITMQ_PASSWORD": "b" * 48, "FLEET_SECRET_KEY": "c" * 64, "FLEET_SMTP_URL": ""}


def instructions(name: str) -> list[str]:
    """The arguments of each such instruction of the Dockerfile, with continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def ours() -> dict[str, Any]:
    """The services that run our image."""
    return {name: service for name, service in services().items() if str(service["image"]).startswith("billhook:")}


def substituted(text: str, values: dict[str, str]) -> str:
    """What compose makes of `${NAME:?…}` and `${NAME:-…}`."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda found: values.get(found[1]) or found[2] or "", text)


def test_every_setting_that_is_named_exists() -> None:
    """In the image, the compose file and the example of its secrets."""
    texts = (DOCKERFILE, COMPOSE, (ROOT / ".env.example").read_text(encoding="utf-8"))
    named = {name for text in texts for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)}

    assert named
    assert named <= {PREFIX + field.upper() for field in Settings.model_fields}


@pytest.mark.parametrize("name", ours())
def test_the_environment_of_a_service_is_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its secrets filled in, the settings are read without a complaint and lead to the other services."""
    for variable, value in services()[name]["environment"].items():
        monkeypatch.setenv(variable, substituted(value, SECRETS))

    settings = load_settings(Path("no.env"))

    hosts = {settings.effective_database_url.split("@")[1].split("/")[0], settings.broker_url.split("@")[1].strip("/")}
    assert not settings.is_embedded
    assert hosts <= services().keys()


@pytest.mark.parametrize("name", ours())
def test_the_command_of_a_service_exists(name: str) -> None:
    """It is a command line of `billhook`, whose options exist."""
    assert list(billhook_mistakes(services()[name].get("command", []))) == []


def test_the_fleet_has_one_service_for_each_role() -> None:
    """The roles, the migration before them, and one for commands."""
    assert ours().keys() == {"migrate", "intake", "worker", "scheduler", "billhook"}


def test_every_other_service_and_volume_that_is_named_exists() -> None:
    """What a service waits for, and where it keeps its data."""
    document = yaml.safe_load(COMPOSE)
    awaited = {other for service in services().values() for other in service.get("depends_on", {})}
    mounted = {mount.split(":")[0] for service in services().values() for mount in service.get("volumes", ())}

    assert awaited <= services().keys()
    assert mounted - {"."} == document["volumes"].keys()


def test_a_service_that_is_awaited_as_healthy_can_be_healthy() -> None:
    """Compose waits for ever for the health of a service that has no check."""
    awaited = {
        other
        for service in services().values()
        for other, condition in service.get("depends_on", {}).items()
        if condition["condition"] == "service_healthy"
    }

    assert awaited == {name for name in awaited if services()[name]["healthcheck"]["test"]}


def test_every_secret_of_the_compose_file_is_in_the_example() -> None:
    """And no secret has a default."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    variables = set(re.findall(r"\$\{(\w+)", COMPOSE))

    assert variables == set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert [line for line in example.splitlines() if re.match(r"^[A-Z_]+=.+", line)] == []


@pytest.mark.parametrize("instruction", ["CMD", "ENTRYPOINT"])
def test_the_image_starts_without_a_shell(instruction: str) -> None:
    """Exec form, so that SIGTERM reaches the process."""
    (given,) = instructions(instruction)

    assert all(isinstance(word, str) for word in json.loads(given))


def test_the_image_runs_commands_that_exist() -> None:
    """Its default and its health check."""
    (check,) = instructions("HEALTHCHECK")
    command = json.loads(check[check.index("CMD ") + 4 :])

    assert json.loads(instructions("ENTRYPOINT")[0]) == ["billhook"]
    assert command[0] == "billhook"
    assert [*billhook_mistakes(command[1:]), *billhook_mistakes(json.loads(instructions("CMD")[0]))] == []


def test_the_image_copies_only_what_exists_and_is_let_in() -> None:
    """A file that the build needs must also pass the ignore file."""
    sources = {word for copy in instructions("COPY") if not copy.startswith("--from") for word in copy.split()[:-1]}
    let_in = {
        line[1:] for line in (ROOT / "deploy/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert sources == let_in


def test_the_image_runs_as_a_user_without_rights() -> None:
    """The last user counts."""
    assert instructions("USER")[-1] == "billhook:billhook"


def test_the_grace_period_is_longer_than_a_worker_takes_to_stop() -> None:
    """Or compose would kill it in the middle of a document."""
    assert float(services()["worker"]["stop_grace_period"].removesuffix("s")) > DRAIN_TIMEOUT_MS / 1000
