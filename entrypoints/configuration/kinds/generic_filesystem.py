"""`generic_filesystem`: each order, or each invoice, as an XML file (seed facts 1.4, Generic Filesystem)."""

from typing import Annotated, Literal

from pydantic import Field

from entrypoints.configuration.kinds.file_drop import SECRETS, FileDropSettings, check, check_secrets
from entrypoints.configuration.kinds.kind import Kind


class GenericFilesystemSettings(FileDropSettings):
    """Where the files go, and what is in them."""

    document: Annotated[
        Literal["order", "invoice"], Field(description="`order`: one file an order, once it is billable; `invoice`: one a document.")
    ] = "order"


KIND = Kind("generic_filesystem", GenericFilesystemSettings, secrets=SECRETS, check=check, check_secrets=check_secrets)
