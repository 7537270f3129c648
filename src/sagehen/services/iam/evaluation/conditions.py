"""Condition blocks, compiled: operators and keys are ANDed, the values of one key ORed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sagehen.domain.access import ConditionValue
from sagehen.services.iam.grammar import patterns
from sagehen.services.iam.grammar.operators import OPERATORS, Compare, Make, split_operator

# Keys that cost a look into the database are made by a function, when a condition asks for any.
Source = Mapping[str, ConditionValue] | Callable[[], Mapping[str, ConditionValue]]
_NEVER: Compare = lambda actual: False  # noqa: E731


class RequestKeys:
    """The condition keys of one request: several sources, names without case, read on demand.

    Most decisions need no key at all, so nothing is merged before the first question.
    """

    __slots__ = ("_merged", "_sources")

    def __init__(self, *sources: Source) -> None:
        self._sources = sources
        self._merged: dict[str, ConditionValue] | None = None

    def values(self, key: str) -> Sequence[str] | None:
        """Return the values of a key (lower case), or None where the request has no such key."""
        if self._merged is None:
            self._merged = {
                name.lower(): value
                for source in self._sources
                for name, value in (source() if callable(source) else source).items()
            }
        value = self._merged.get(key)
        return (value,) if isinstance(value, str) else value

    def single(self, key: str) -> str | None:
        """Return the value that a policy variable takes."""
        values = self.values(key.lower())
        return values[0] if values is not None and len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key.

    Args:
        key: Lower case.
        make: Makes a comparison of a policy value; None for `Null`.
        negated: True for the Not… operators.
        if_exists: A missing key satisfies it.
        qualifier: ``, `forallvalues` or `foranyvalue`.
        fixed: Comparisons of the values without variables.
        templates: Values with variables.
        null: For `Null`: whether the key must be missing.
    """

    key: str
    make: Make | None
    negated: bool
    if_exists: bool
    qualifier: str
    fixed: tuple[Compare, ...]
    templates: tuple[str, ...]
    null: tuple[bool, ...] = ()

    def holds(self, keys: RequestKeys) -> bool:
        """Tell whether the condition is satisfied by the keys of a request.

        A missing key fails all but the negated operators, `…IfExists`, ForAllValues and `Null`. Documented:
        IAM User Guide, "Condition operators" and "Set operators for multi-valued context keys".
        """
        values = keys.values(self.key)
        if self.make is None:
            return (not values) in self.null
        if not values:
            return self._holds_without_key()
        comparisons = self.fixed
        if self.templates:
            comparisons = (*self.fixed, *self._expanded(self.make, keys))
        if self.qualifier == "forallvalues":
            return all(_any(comparisons, value) is not self.negated for value in values)
        if self.qualifier == "foranyvalue":
            return any(_any(comparisons, value) is not self.negated for value in values)
        return any(_any(comparisons, value) for value in values) is not self.negated

    def _holds_without_key(self) -> bool:
        if self.if_exists or self.qualifier == "forallvalues":
            return True
        # A set that is empty has no member for which anything could be true, negated or not.
        return self.negated and self.qualifier != "foranyvalue"

    def _expanded(self, make: Make, keys: RequestKeys) -> Iterable[Compare]:
        for template in self.templates:
            expanded = patterns.expand(template, keys.single)
            if expanded is None:
                continue
            try:
                yield make(expanded)
            except ValueError:
                continue

    def variables(self) -> Iterable[str]:
        """Return the keys that its values refer to as `${key}`, for the simulator."""
        for template in self.templates:
            yield from patterns.variables_in(template)


def _any(comparisons: Sequence[Compare], value: str) -> bool:
    return any(compare(value) for compare in comparisons)


def compile_condition(name: str, key: str, values: Sequence[str], variables: bool) -> Condition:
    """Make a condition of a validated block; `variables` is False under Version 2008-10-17."""
    qualifier, base, if_exists = split_operator(name)
    if base == "null":
        wanted = tuple({value.lower() == "true" for value in values})
        return Condition(key.lower(), None, False, False, qualifier, (), (), wanted)
    make, negated = OPERATORS[base]
    templates = tuple(value for value in values if variables and patterns.has_variables(value))
    fixed = []
    for value in values:
        if value not in templates:
            try:
                fixed.append(make(value))
            except ValueError:
                fixed.append(_NEVER)
    return Condition(key.lower(), make, negated, if_exists, qualifier, tuple(fixed), templates)
