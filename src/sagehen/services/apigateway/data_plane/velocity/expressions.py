"""Expressions of a template: what their elements stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airspeed import operators as ast

from sagehen.services.apigateway.data_plane.mapping.json_values import MAX_TEXT
from sagehen.services.apigateway.data_plane.velocity.bounds import ITEM_BYTES, Bounds, size_of
from sagehen.services.apigateway.data_plane.velocity.methods import MAX_ITEMS, method_of
from sagehen.services.apigateway.data_plane.velocity.operators import apply
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError
from sagehen.services.apigateway.data_plane.velocity.values import JavaList
from sagehen.services.apigateway.data_plane.velocity.variables import InputVariable

# Methods that give what was there before, at no cost.
_GIVING = frozenset(
    (
        "path", "params", "getBody", "toString", "get", "getOrDefault", "getKey", "getValue", "put", "remove",
        "set",
    )
)  # fmt: skip


class Expressions:
    """Evaluates the expressions of one rendering.

    Args:
        names: Its variables, as they are at the time.
        bounds: Of the rendering.
        captured: Renders a block apart: texts in quotes are templates, too.
    """

    def __init__(self, names: Mapping[str, Any], bounds: Bounds, captured: Callable[[Any], str]) -> None:
        self._names = names
        self._bounds = bounds
        self._captured = captured

    def value(self, element: Any) -> Any:
        """Return what an expression's element stands for."""
        self._bounds.step()
        return _EXPRESSIONS[type(element)](self, element)

    def variable(self, expression: Any) -> Any:
        """Return what a reference stands for; None where there is no such thing."""
        part = expression.part
        if part.parameters is not None:
            value: Any = None  # there are no functions outside of values
        else:
            value = self._names.get(part.name)
            if part.index is not None:
                value = item_of(value, self.value(part.index.index))
        return self._rest(value, expression.subexpression)

    def _rest(self, value: Any, subexpression: Any) -> Any:
        while subexpression is not None and value is not None:
            self._bounds.step()
            step = subexpression.expression
            if isinstance(step, ast.ArrayIndex):
                value = item_of(value, self.value(step.index))
                subexpression = subexpression.subexpression
            else:
                value = self._member(value, step.part)
                subexpression = step.subexpression
        return value

    def _member(self, value: Any, part: Any) -> Any:
        if part.parameters is not None:
            method = method_of(value, part.name)
            if method is None:
                return None
            arguments = [self.value(argument) for argument in getattr(part.parameters.values, "values", ())]
            before = len(value) if isinstance(value, list | dict) else 0
            result = method(*arguments)
            if isinstance(value, list | dict):
                self._bounds.made(max(0, len(value) - before) * ITEM_BYTES)
            if part.name not in _GIVING:
                self._bounds.made(size_of(result))
            if isinstance(result, str) and len(result) > MAX_TEXT:
                raise TemplateError("a text grew too large")
            return result
        member: Any = None
        if isinstance(value, dict | InputVariable):
            member = value.get(part.name)
        if part.index is not None:
            member = item_of(member, self.value(part.index.index))
        return member

    def _literal(self, element: Any) -> Any:
        return element.value

    def _null(self, element: Any) -> Any:
        return None

    def _inner(self, element: Any) -> Any:
        return self.value(element.expression)

    def _reference_value(self, element: Any) -> Any:
        value = None if element.expression is None else self.variable(element.expression)
        if value is None and element.alternate is not None:
            return self.value(owner_of(element.alternate))
        return value

    def _interpolated(self, element: Any) -> str:
        return self._captured(element.block)

    def _list(self, element: Any) -> list[Any]:
        values = element.values
        if isinstance(values, ast.Range):
            made = self._range(values)
        else:
            made = JavaList(self.value(value) for value in getattr(values, "values", ()))
        self._bounds.made(size_of(made))
        return made

    def _range(self, element: Any) -> list[Any]:
        first, last = self.value(element.value1), self.value(element.value2)
        if not isinstance(first, int) or not isinstance(last, int) or abs(last - first) > MAX_ITEMS:
            raise TemplateError("a range needs two numbers not too far apart")
        return JavaList(range(first, last + 1) if first <= last else range(first, last - 1, -1))

    def _map(self, element: Any) -> dict[Any, Any]:
        made = {self.value(key): self.value(value) for key, value in element.local_data.items()}
        self._bounds.made(size_of(made))
        return made

    def _not(self, element: Any) -> bool:
        return not self.value(element.value)

    def _parenthesized(self, element: Any) -> Any:
        return self.value(owner_of(element))

    def _operation(self, element: Any) -> Any:
        """Operators by precedence, left to right; `&&` and `||` do not look further than needed."""
        terms = element.expression
        return self.value(terms[0]) if len(terms) == 1 else self._binary(terms)

    def _binary(self, terms: list[Any]) -> Any:
        if len(terms) == 1:
            return self.value(terms[0])
        self._bounds.step()
        # The loosest operator furthest to the right is the root; its sides are smaller expressions.
        split = max(range(1, len(terms), 2), key=lambda index: (terms[index].precedence, index))
        sign = terms[split].my_text().strip()
        left = self._binary(terms[:split])
        if sign in ("&&", "and"):
            return bool(left) and bool(self._binary(terms[split + 1 :]))
        if sign in ("||", "or"):
            return bool(left) or bool(self._binary(terms[split + 1 :]))
        result = apply(sign, left, self._binary(terms[split + 1 :]))
        self._bounds.made(size_of(result))
        return result


def item_of(value: Any, key: Any) -> Any:
    """Return what a map has under a key, or a list at a place; else None."""
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if -len(value) <= key < len(value) else None
    return None


def owner_of(element: Any) -> Any:
    """Return an inner expression: the grammar keeps some only as the owner of a bound method."""
    return element.calculate.__self__


_EXPRESSIONS: dict[type, Callable[[Expressions, Any], Any]] = {
    ast.Value: Expressions._inner,
    ast.NullLiteral: Expressions._null,
    ast.IntegerLiteral: Expressions._literal,
    ast.FloatingPointLiteral: Expressions._literal,
    ast.StringLiteral: Expressions._literal,
    ast.BooleanLiteral: Expressions._literal,
    ast.InterpolatedStringLiteral: Expressions._interpolated,
    ast.FormalReference: Expressions._reference_value,
    ast.ArrayLiteral: Expressions._list,
    ast.DictionaryLiteral: Expressions._map,
    ast.UnaryOperatorValue: Expressions._not,
    ast.ParenthesizedExpression: Expressions._parenthesized,
    ast.Expression: Expressions._operation,
}
