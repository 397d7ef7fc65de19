"""`mww`: each order as a JSON:API document (https://mwwondemand.github.io/, seed facts 4)."""

from typing import Annotated, Literal

from pydantic import Field

from entrypoints.configuration.fields import Text
from entrypoints.configuration.kinds.http_hand_off import SECRETS, HeaderName, HttpHandOffSettings, Prefix, check_http
from entrypoints.configuration.kinds.kind import Kind

_NAME = "mww"


class MwwSettings(HttpHandOffSettings):
    """As its public API has them; each may be set otherwise."""

    url: Annotated[
        str, Field(min_length=1, max_length=2000, description="Where the calls go; MWW publishes https://api.mwwondemand.com/api/orders.")
    ] = "https://api.mwwondemand.com/api/orders"
    headers: dict[HeaderName, Text] = Field(
        default_factory=lambda: {"Accept": "application/vnd.api+json; version=1"},
        description="More headers; default: `Accept: application/vnd.api+json; version=1`. Never a secret.",
    )
    body: Annotated[
        Literal["json", "form", "json_api"], Field(description="`json_api` (JSON:API 1.0: everything under `data`), `json` or `form`.")
    ] = "json_api"
    auth_prefix: Annotated[Prefix, Field(description="What stands before the key there.")] = "auth-key="
    remote_id_path: Annotated[Text, Field(description="Where the answer has the partner's own id of the document.")] = "data.id"
    look_up_url: Annotated[str, Field(max_length=2000, description="Asked by GET after a lost answer: below `url`, by the PO number.")] = (
        "/{data.attributes.vendor-po}"
    )
    look_up_match: Annotated[Text, Field(description="A place that must hold the same in that answer as in what was sent.")] = (
        "data.attributes.vendor-po"
    )


KIND = Kind(_NAME, MwwSettings, secrets=SECRETS, check=lambda settings, _around: check_http(_NAME, settings))
