"""Rendering of mapping templates: airspeed's parse tree, walked with our own rules.

Templates are untrusted. They see text, numbers, lists, maps and the variables given to them, and
call the methods of `methods.py`; work, time and size are bounded.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airspeed import operators as ast

from sagehen.api.bounded.budget import BudgetSpent
from sagehen.services.apigateway.data_plane.mapping.json_values import MAX_TEXT, TooLarge
from sagehen.services.apigateway.data_plane.velocity.bounds import Bounds
from sagehen.services.apigateway.data_plane.velocity.expressions import Expressions, item_of, owner_of
from sagehen.services.apigateway.data_plane.velocity.methods import MAX_ITEMS
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError, parse_template
from sagehen.services.apigateway.data_plane.velocity.values import text_of

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MAX_FOREACH = 1000
# Ours.
_MAX_CALL_DEPTH = 20


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
        self._depth = 0
        self._bounds = Bounds()
        self._expressions = Expressions(variables, self._bounds, self._captured)

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
            self._bounds.step()
            _DIRECTIVES.get(type(child), _Rendering._unsupported)(self, child)

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
        value = self._expressions.variable(element.expression)
        if value is None and element.alternate is not None:
            value = self._expressions.value(owner_of(element.alternate))
        if value is not None:
            self._write(value if isinstance(value, str) else text_of(value))

    def _if(self, element: Any) -> None:
        for branch in (element, *element.elseifs):
            if self._expressions.value(branch.condition.expression):
                self._block(branch.block)
                return
        if isinstance(element.else_block, ast.ElseBlock):
            self._block(element.else_block.block)

    def _set(self, element: Any) -> None:
        assignment = element.assignment
        value = self._expressions.value(assignment.value)
        if not assignment.terms:
            self._names[assignment.root_term] = value
            return
        target = self._names.get(assignment.root_term)
        *way, last = [self._term(term.term) for term in assignment.terms]
        for key in way:
            target = target.get(key) if isinstance(target, dict) else item_of(target, key)
        if isinstance(target, dict):
            if len(target) >= MAX_ITEMS:
                raise TemplateError("a map grew too large")
            target[last] = value
        elif isinstance(target, list) and isinstance(last, int):
            target[last] = value
        else:
            raise TemplateError(f"cannot be assigned to: {element.my_text()[:60]}")

    def _term(self, term: Any) -> Any:
        return term.value if isinstance(term, ast.DotDictAccessTerm) else self._expressions.value(term.value)

    def _foreach(self, element: Any) -> None:
        items = self._expressions.value(element.value)
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
        arguments = [self._expressions.value(argument) for argument in element.args]
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
