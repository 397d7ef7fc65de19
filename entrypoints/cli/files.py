"""Files that commands write."""

import os
from pathlib import Path


def write_file(file: Path, content: bytes) -> None:
    """Write the whole file or nothing: nobody ever reads half an invoice."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
