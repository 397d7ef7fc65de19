"""The declared configuration in force, to be written as a file again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from application.configuration import Configuration
from application.key_pairs import MADE_KEY
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ExportedConfiguration:
    """The configuration, and by integration path the names of its secrets. Secrets themselves never leave.

    Keys that were made here are not named: nobody could give their values. Elsewhere new ones are made. ``unreadable`` are the
    names of those that the secret key in force does not open.
    """

    configuration: Configuration
    secret_names: Mapping[str, tuple[str, ...]]
    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportConfigurationHandler:
    """Reads one consistent state."""

    units_of_work: UnitsOfWork

    def __call__(self) -> ExportedConfiguration:
        """The configuration in force."""
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
            names = uow.configurations.secret_names()
        given = {path: tuple(sorted(known.keys() - {MADE_KEY})) for path, known in names.items()}
        # What the key does not open has no fingerprint.
        unreadable = {path: tuple(sorted(name for name, print_ in known.items() if not print_)) for path, known in names.items()}
        return ExportedConfiguration(configuration, given, {path: names for path, names in unreadable.items() if names})
