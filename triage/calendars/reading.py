"""Reading of rule data: every fault is collected with its place, so that one run shows them all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TypeVar

import yaml

from triage.errors import ConfigurationError

E = TypeVar("E", bound=Enum)

FAR_FUTURE = date.max
FAR_PAST = date.min


class Section:
    """A mapping of a data file that notes what is wrong with it instead of raising at the first fault."""

    def __init__(self, values: object, place: str, faults: list[str]) -> None:
        self.place = place
        self.faults = faults
        self._values: Mapping[str, object] = {}
        self._read: set[str] = set()
        if isinstance(values, dict):
            self._values = {str(key): value for key, value in values.items()}
        else:
            self.fault("needs to be a mapping of keys to values")

    def fault(self, what: str) -> None:
        """Note a fault of this section."""
        self.faults.append(f"{self.place}: {what}.")

    def keys(self) -> tuple[str, ...]:
        """All keys; reading them counts as knowing them."""
        self._read.update(self._values)
        return tuple(self._values)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self._value(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; ``default`` when the key is absent, a fault when there is no default."""
        value = self._value(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.fault(f"{key!r} needs a text")
        return ""

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number, 0 or more."""
        value = self._value(key)
        if value is None and default is not None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.fault(f"{key!r} needs a whole number, 0 or more")
        return 0

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self._value(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(f"{key!r} needs true or false")
        return bool(value)

    def day(self, key: str, default: date) -> date:
        """A date, written YYYY-MM-DD; ``default`` when absent or null."""
        value = self._value(key)
        if value is None:
            return default
        if type(value) is date:
            return value
        self.fault(f"{key!r} needs a date like 2026-11-22")
        return default

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """A member of an enum, by its value."""
        value = self._value(key)
        if value is None and default is not None:
            return default
        known = {member.value: member for member in kind}
        if isinstance(value, str) and value in known:
            return known[value]
        self.fault(f"{key!r} needs one of {', '.join(map(str, known))}")
        return default or next(iter(kind))

    def texts(self, key: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of texts, empty when absent; with ``allowed``, each must be one of those."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.fault(f"{key!r} needs a list of texts")
            return ()
        for item in value:
            if allowed is not None and item not in allowed:
                self.fault(f"{key!r} holds {item!r}, which is not known")
        return tuple(value)

    def section(self, key: str, required: bool = True) -> Section:
        """A mapping under a key; an empty one when it is absent and not required."""
        value = self._value(key)
        return Section({} if value is None and not required else value, f"{self.place}: {key}", self.faults)

    def sections(self, key: str) -> Iterator[Section]:
        """Each mapping of a list, named by its ``id`` or ``rule`` where it has one."""
        value = self._value(key)
        if not isinstance(value, list):
            self.fault(f"{key!r} needs a list")
            return
        for number, item in enumerate(value, start=1):
            name = item.get("id") or item.get("rule") if isinstance(item, dict) else None
            yield Section(item, f"{self.place}: {key} {name or number}", self.faults)

    def close(self) -> None:
        """Note keys nobody asked for: most are misspelt."""
        for key in sorted(set(self._values) - self._read):
            self.fault(f"{key!r} is not a known key")

    def _value(self, key: str) -> object:
        self._read.add(key)
        return self._values.get(key)


def read_yaml(path: Path, faults: list[str]) -> Section:
    """Read a YAML file as a section named after the file.

    Raises:
        ConfigurationError: the file is missing or is no YAML.
    """
    try:
        values: object = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        fault = f"{path.name}: cannot be read ({error.strerror}). Give the path of the file."
        raise ConfigurationError([fault]) from error
    except yaml.YAMLError as error:
        raise ConfigurationError([f"{path.name}: is not YAML. {str(error).replace(chr(10), ' ')}"]) from error
    return Section(values, path.name, faults)
