"""`sage_csv`: each invoice as a CSV file for Sage (seed facts 1.3, Sage CSV)."""

from typing import Annotated

from pydantic import Field

from entrypoints.configuration.kinds.file_drop import SECRETS, FileDropSettings, check, check_secrets
from entrypoints.configuration.kinds.kind import Kind


class SageCsvSettings(FileDropSettings):
    """Where the files go, and the account they are for."""

    account_number: Annotated[
        str, Field(min_length=1, max_length=60, description="The customer's account in Sage; fills the account column.")
    ]
    shipping_nominal_code: Annotated[str, Field(min_length=1, max_length=30, description="The nominal code of the shipping rows.")]
    default_nominal_code: Annotated[
        str, Field(max_length=30, description="The nominal code of lines that bring none; without it such a document is refused.")
    ] = ""


KIND = Kind("sage_csv", SageCsvSettings, secrets=SECRETS, check=check, check_secrets=check_secrets)
