"""Tests that hold our fakes and adapters to the vendors' contracts.

Collected only where those are; the summary tells when they are not.
"""

from tests.services.specs import specs_folder

collect_ignore_glob = [] if specs_folder() else ["test_*.py"]
