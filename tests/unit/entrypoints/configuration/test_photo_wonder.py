"""The settings of Photo Wonder as files declare them."""

from typing import Any

import pytest

from tests.unit.entrypoints.configuration.support import mistakes_in, read, with_company

SETTINGS = {"fs_type": "local", "fs_root": "/srv/photo", "email_from": "a@acme.example", "email_bcc": "b@photo.example"}


def photo_wonder(**changes: Any) -> dict[str, Any]:
    """A file with this integration."""
    settings = {name: value for name, value in {**SETTINGS, **changes}.items() if value is not None}
    return with_company(integrations=[{"kind": "photo_wonder", "settings": settings}])


def test_it_takes_the_settings_that_users_of_the_seed_know() -> None:
    """And attaches no file unless asked."""
    declared = read(
        photo_wonder(subject_template="Order {{ order.ref }}", html_template="<p>{{ file.name }}</p>", errors_to="o@acme.example")
    )

    settings = declared.configuration.integrations["777/photo_wonder"].settings
    assert settings["email_bcc"] == "b@photo.example"
    assert settings["attach_file"] is False


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"email_bcc": None}, "email_bcc"),
        ({"email_bcc": ""}, "email_bcc"),
        ({"email_bcc": "nobody"}, "email_bcc"),
        ({"fs_root": "photo"}, "fs_root"),
        ({"subject_template": "{{ BROKEN"}, "subject_template"),
        ({"html_template": "{{ BROKEN"}, "html_template"),
        ({"document": "invoice"}, "document"),
    ],
)
def test_a_mistake_is_refused_where_it_is(changes: dict[str, Any], where: str) -> None:
    """With its path."""
    [mistake] = mistakes_in(photo_wonder(**changes))

    assert mistake.path.endswith(f"settings.{where}")
