"""Rendering of mapping templates: airspeed's parse tree, walked with our own rules.

Templates are untrusted. They see text, numbers, lists, maps and the variables given to them, and
call the methods of `methods.py`; work, time and size are bounded.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from airspeed import operators as ast

from sagehen.api.bounded.budget import BudgetSpent, spend
from sagehen.services.apigateway.data_plane.mapping.json_values import MAX_TEXT, TooLarge
from sagehen.services.apigateway.data_plane.velocity.methods import MAX_ITEMS, method_of
from sagehen.services.apigateway.data_plane.velocity.operators import apply
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError, parse_template
from sagehen.services.apigateway.data_plane.velocity.values import JavaList, text_of
from sagehen.services.apigateway.data_plane.velocity.variables import InputVariable

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MAX_FOREACH = 1000
# Ours, like all bounds below: AWS documents none but this and a template's size.
_MAX_STEPS = 250_000
# Bytes of all texts and lists that one rendering makes: it may hold on to each of them.
_MAX_MADE = 128 * 1024 * 1024
_ITEM_BYTES = 64
_MAX_CALL_DEPTH = 20
# Methods that give what was there before, at no cost.
_GIVING = frozenset(
    (
        "path", "params", "getBody", "toString", "get", "getOrDefault", "getKey", "getValue", "put", "remove",
        "set",
    )
)  # fmt: skip


def render(text: str, variables: Mapping[str, Any]) -> str:
    """Render a template.

    Args:
        text: The template.
        variables: By name without `$`: text, numbers, lists, maps, VelocityObjects.

    Raises:
        TemplateError: It is malformed, failed, or took too much.
        BudgetSpent: It took more than the budget that it is rendered in.
    """
    block = parse_template(text)
    if len(block.children) == 1 and type(block.children[0]) is ast.Text:
        return str(block.children[0].text)
    return _Rendering(dict(variables)).run(block)


class _Stop(Exception):
    """`#stop`: what was written so far is the result."""


class _Rendering:
    """One run of one template."""

    def __init__(self, variables: dict[str, Any]) -> None:
        self._names = variables
        self._macros: dict[str, Any] = {}
        self._output: list[str] = []
        self._size = 0
        self._steps = 0
        self._depth = 0
        self._made = 0

    def run(self, block: Any) -> str:
        try:
            self._block(block)
        except _Stop:
            pass
        except (TemplateError, BudgetSpent):
            raise
        except RecursionError:
            raise TemplateError("the template is nested too deeply") from None
        except TooLarge as error:
            raise TemplateError(str(error)) from None
        except Exception as error:  # whatever a template's own values provoke is its own fault
            raise TemplateError(f"{type(error).__name__}: {error}"[:500]) from None
        return "".join(self._output)

    # --- directives -------------------------------------------------------------------------

    def _block(self, block: Any) -> None:
        for child in block.children:
            self._spend()
            _DIRECTIVES.get(type(child), _Rendering._unsupported)(self, child)

    def _spend(self) -> None:
        spend()
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise TemplateError("the template takes too long")

    def _count(self, made: int) -> None:
        """Count bytes that were made. The clock is looked at the sooner the more they are."""
        spend(made >> 12)
        self._made += made
        if self._made > _MAX_MADE:
            raise TemplateError("the template makes too much")

    def _write(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise TemplateError("the output is too large")
        self._output.append(text)

    def _unsupported(self, element: Any) -> None:
        raise TemplateError(f"not supported in templates: {element.my_text()[:60]}")

    def _text(self, element: Any) -> None:
        self._write(element.text)

    def _nothing(self, element: Any) -> None:
        pass

    def _stop(self, element: Any) -> None:
        raise _Stop

    def _reference(self, element: Any) -> None:
        if element.expression is None:
            self._write(element.my_text())
            return
        value = self._variable(element.expression)
        if value is None and element.alternate is not None:
            value = self.value(_owner(element.alternate))
        if value is not None:
            self._write(value if isinstance(value, str) else text_of(value))

    def _if(self, element: Any) -> None:
        for branch in (element, *element.elseifs):
            if self.value(branch.condition.expression):
                self._block(branch.block)
                return
        if isinstance(element.else_block, ast.ElseBlock):
            self._block(element.else_block.block)

    def _set(self, element: Any) -> None:
        assignment = element.assignment
        value = self.value(assignment.value)
        if not assignment.terms:
            self._names[assignment.root_term] = value
            return
        target = self._names.get(assignment.root_term)
        *way, last = [self._term(term.term) for term in assignment.terms]
        for key in way:
            target = target.get(key) if isinstance(target, dict) else self._item(target, key)
        if isinstance(target, dict):
            if len(target) >= MAX_ITEMS:
                raise TemplateError("a map grew too large")
            target[last] = value
        elif isinstance(target, list) and isinstance(last, int):
            target[last] = value
        else:
            raise TemplateError(f"cannot be assigned to: {element.my_text()[:60]}")

    def _term(self, term: Any) -> Any:
        return term.value if isinstance(term, ast.DotDictAccessTerm) else self.value(term.value)

    def _foreach(self, element: Any) -> None:
        items = self.value(element.value)
        if items is None:
            return
        # Velocity's user guide: over a map, its values.
        if isinstance(items, dict):
            items = list(items.values())
        if not isinstance(items, list):
            raise TemplateError("#foreach needs a list or a map")
        if len(items) > MAX_FOREACH:
            raise TemplateError(f"#foreach is limited to {MAX_FOREACH} iterations")
        held = {name: self._names.get(name) for name in (element.loop_var_name, "foreach", "velocityCount")}
        for index, item in enumerate(list(items)):
            last = index == len(items) - 1
            self._names[element.loop_var_name] = item
            self._names["velocityCount"] = index + 1
            self._names["foreach"] = {
                "index": index,
                "count": index + 1,
                "first": index == 0,
                "last": last,
                "hasNext": not last,
            }
            self._block(element.block)
        self._names.update(held)

    def _define_macro(self, element: Any) -> None:
        self._macros[f"#{element.function_name.lower()}"] = element

    def _define(self, element: Any) -> None:
        self._macros[f"${element.function_name}"] = element
        self._names[element.function_name] = self._captured(element.block)

    def _call_macro(self, element: Any) -> None:
        macro = self._macros.get(f"#{element.macro_name}")
        if macro is None:
            self._write(element.my_text())
            return
        arguments = [self.value(argument) for argument in element.args]
        if len(arguments) != len(macro.arg_names):
            raise TemplateError(f"macro {element.macro_name} takes {len(macro.arg_names)} arguments")
        self._depth += 1
        if self._depth > _MAX_CALL_DEPTH:
            raise TemplateError("macros call each other too deeply")
        held = {name: self._names.get(name) for name in macro.arg_names}
        self._names.update(zip(macro.arg_names, arguments, strict=True))
        self._block(macro.block)
        self._names.update(held)
        self._depth -= 1

    def _captured(self, block: Any) -> str:
        outer, self._output = self._output, []
        try:
            self._block(block)
            return "".join(self._output)
        finally:
            self._output = outer

    # --- expressions ------------------------------------------------------------------------

    def value(self, element: Any) -> Any:
        """Return what an expression's element stands for."""
        self._spend()
        return _EXPRESSIONS[type(element)](self, element)

    def _variable(self, expression: Any) -> Any:
        part = expression.part
        if part.parameters is not None:
            value: Any = None  # there are no functions outside of values
        else:
            value = self._names.get(part.name)
            if part.index is not None:
                value = self._item(value, self.value(part.index.index))
        return self._rest(value, expression.subexpression)

    def _rest(self, value: Any, subexpression: Any) -> Any:
        while subexpression is not None and value is not None:
            self._spend()
            step = subexpression.expression
            if isinstance(step, ast.ArrayIndex):
                value = self._item(value, self.value(step.index))
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
                self._count(max(0, len(value) - before) * _ITEM_BYTES)
            if part.name not in _GIVING:
                self._count(_size(result))
            if isinstance(result, str) and len(result) > MAX_TEXT:
                raise TemplateError("a text grew too large")
            return result
        member: Any = None
        if isinstance(value, dict | InputVariable):
            member = value.get(part.name)
        if part.index is not None:
            member = self._item(member, self.value(part.index.index))
        return member

    @staticmethod
    def _item(value: Any, key: Any) -> Any:
        if isinstance(value, dict):
            return value.get(key)
        if isinstance(value, list) and isinstance(key, int):
            return value[key] if -len(value) <= key < len(value) else None
        return None

    def _literal(self, element: Any) -> Any:
        return element.value

    def _null(self, element: Any) -> Any:
        return None

    def _inner(self, element: Any) -> Any:
        return self.value(element.expression)

    def _reference_value(self, element: Any) -> Any:
        value = None if element.expression is None else self._variable(element.expression)
        if value is None and element.alternate is not None:
            return self.value(_owner(element.alternate))
        return value

    def _interpolated(self, element: Any) -> str:
        return self._captured(element.block)

    def _list(self, element: Any) -> list[Any]:
        values = element.values
        if isinstance(values, ast.Range):
            made = self._range(values)
        else:
            made = JavaList(self.value(value) for value in getattr(values, "values", ()))
        self._count(_size(made))
        return made

    def _range(self, element: Any) -> list[Any]:
        first, last = self.value(element.value1), self.value(element.value2)
        if not isinstance(first, int) or not isinstance(last, int) or abs(last - first) > MAX_ITEMS:
            raise TemplateError("a range needs two numbers not too far apart")
        return JavaList(range(first, last + 1) if first <= last else range(first, last - 1, -1))

    def _map(self, element: Any) -> dict[Any, Any]:
        made = {self.value(key): self.value(value) for key, value in element.local_data.items()}
        self._count(_size(made))
        return made

    def _not(self, element: Any) -> bool:
        return not self.value(element.value)

    def _parenthesized(self, element: Any) -> Any:
        return self.value(_owner(element))

    def _operation(self, element: Any) -> Any:
        """Operators by precedence, left to right; `&&` and `||` do not look further than needed."""
        terms = element.expression
        return self.value(terms[0]) if len(terms) == 1 else self._binary(terms)

    def _binary(self, terms: list[Any]) -> Any:
        if len(terms) == 1:
            return self.value(terms[0])
        self._spend()
        # The loosest operator furthest to the right is the root; its sides are smaller expressions.
        split = max(range(1, len(terms), 2), key=lambda index: (terms[index].precedence, index))
        sign = terms[split].my_text().strip()
        left = self._binary(terms[:split])
        if sign in ("&&", "and"):
            return bool(left) and bool(self._binary(terms[split + 1 :]))
        if sign in ("||", "or"):
            return bool(left) or bool(self._binary(terms[split + 1 :]))
        result = apply(sign, left, self._binary(terms[split + 1 :]))
        self._count(_size(result))
        return result


def _owner(element: Any) -> Any:
    """The grammar keeps some inner expressions only as the owner of a bound method."""
    return element.calculate.__self__


def _size(value: Any) -> int:
    """Return about how many bytes a new value takes, without what it refers to."""
    if isinstance(value, str):
        return sys.getsizeof(value)
    return _ITEM_BYTES * (1 + len(value)) if isinstance(value, list | dict) else 0


_DIRECTIVES: dict[type, Callable[[_Rendering, Any], None]] = {
    ast.Text: _Rendering._text,
    ast.FallthroughHashText: _Rendering._text,
    ast.Comment: _Rendering._nothing,
    ast.FormalReference: _Rendering._reference,
    ast.IfDirective: _Rendering._if,
    ast.SetDirective: _Rendering._set,
    ast.ForeachDirective: _Rendering._foreach,
    ast.MacroDefinition: _Rendering._define_macro,
    ast.MacroCall: _Rendering._call_macro,
    ast.DefineDefinition: _Rendering._define,
    ast.StopDirective: _Rendering._stop,
}
_EXPRESSIONS: dict[type, Callable[[_Rendering, Any], Any]] = {
    ast.Value: _Rendering._inner,
    ast.NullLiteral: _Rendering._null,
    ast.IntegerLiteral: _Rendering._literal,
    ast.FloatingPointLiteral: _Rendering._literal,
    ast.StringLiteral: _Rendering._literal,
    ast.BooleanLiteral: _Rendering._literal,
    ast.InterpolatedStringLiteral: _Rendering._interpolated,
    ast.FormalReference: _Rendering._reference_value,
    ast.ArrayLiteral: _Rendering._list,
    ast.DictionaryLiteral: _Rendering._map,
    ast.UnaryOperatorValue: _Rendering._not,
    ast.ParenthesizedExpression: _Rendering._parenthesized,
    ast.Expression: _Rendering._operation,
}
