"""Sections: a YAML or JSON document whose fields are taken one by one; what is left over is a mistake."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, TypeVar

import yaml

from sagehen.simulation.plan.errors import PlanError

T = TypeVar("T")

LONGEST_BYTES = 64 * 1024
_DEEPEST = 12


def document(text: str) -> Section:
    """Read a document.

    Raises:
        PlanError: It is too long or too deep, no YAML, not a mapping, or refers to itself.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        raise PlanError(f"a plan has at most {LONGEST_BYTES // 1024} KB")
    try:
        _check(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlanError(f"no YAML: {error.problem or error.context}", line=_line(mark)) from None
    except yaml.YAMLError as error:
        raise PlanError(f"no YAML: {str(error)[:200]}") from None
    if not isinstance(node, yaml.MappingNode):
        raise PlanError("a plan is fields with values: traffic, endpoint or function, candidates, objective")
    return Section(node, "")


def _check(text: str) -> None:
    """Refuse what costs more to read than it is long."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise PlanError("a plan has no aliases (*name)", line=_line(event.start_mark))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise PlanError(f"more than {_DEEPEST} levels deep", line=_line(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line(mark: Any) -> int | None:
    return None if mark is None else int(mark.line) + 1


class Value:
    """A value and its place."""

    def __init__(self, node: yaml.Node, field: str) -> None:
        self.node, self.field = node, field

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return _line(self.node.start_mark) or 1

    def fail(self, reason: str) -> PlanError:
        """Return an error at this place."""
        return PlanError(reason, field=self.field, line=self.line)

    @property
    def is_list(self) -> bool:
        """Tell whether it is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_section(self) -> bool:
        """Tell whether it has fields."""
        return isinstance(self.node, yaml.MappingNode)

    def section(self) -> Section:
        """Return it as a section."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fail("fields with values belong here")
        return Section(self.node, self.field)

    def items(self, most: int) -> list[Value]:
        """Return the items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fail("a list belongs here")
        if len(self.node.value) > most:
            raise self.fail(f"at most {most} items")
        return [Value(node, f"{self.field}[{n}]") for n, node in enumerate(self.node.value)]

    @property
    def text(self) -> str:
        """Return it as written."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.fail("a single value belongs here")
        return str(self.node.value).strip()

    def read(self, parse: Callable[[str], T]) -> T:
        """Return what `parse` makes of it; its ValueError gets this place."""
        try:
            return parse(self.text)
        except PlanError:
            raise
        except ValueError as error:
            raise self.fail(str(error)) from None


class Section(Value):
    """Fields with values."""

    def __init__(self, node: yaml.MappingNode, field: str) -> None:
        super().__init__(node, field)
        self._fields: dict[str, Value] = {}
        self._known: list[str] = []
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            place = f"{field}.{name}" if field else name
            if name in self._fields:
                raise PlanError("named twice", field=place, line=_line(key.start_mark))
            self._fields[name] = Value(value, place)

    def take(self, name: str) -> Value | None:
        """Return a field, which is known then; None where it is left out."""
        self._known.append(name)
        return self._fields.get(name)

    def require(self, name: str, reason: str) -> Value:
        """Return a field that must be there."""
        found = self.take(name)
        if found is None:
            raise self.fail(f"{name} is missing: {reason}")
        return found

    def get(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Return a field's value, or the default."""
        found = self.take(name)
        return default if found is None else found.read(parse)

    def names(self) -> list[str]:
        """Return the names of all fields."""
        return list(self._fields)

    def end(self) -> None:
        """Refuse fields that nobody took."""
        for name, value in self._fields.items():
            if name not in self._known:
                near = difflib.get_close_matches(name, self._known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self._known)}"
                raise PlanError(f"unknown: {hint}", field=value.field, line=value.line)
