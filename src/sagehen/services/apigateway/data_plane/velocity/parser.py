"""Templates parsed by airspeed-ext, whose grammar LocalStack holds to what API Gateway accepts.

Only its parser is used. Its evaluator looks names up with `getattr`, so that a template could walk
from any string to the interpreter; ours (`evaluator.py`) knows a closed set of values and methods.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from airspeed import operators

from sagehen.api.bounded.budget import BudgetSpent, spend

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: 300 KB per template.
MAX_TEMPLATE = 300 * 1024
# The grammar reads the first element of a list twice: lists in lists would cost 2^depth.
_MAX_LIST_DEPTH = 8


_begin = operators._Element.__init__


def _spending(element: Any, *arguments: Any) -> None:
    spend()
    _begin(element, *arguments)


# Where every element of a template begins, those that are tried in vain included. The grammar's classes
# name one another, so that nothing short of their common base could be replaced by our own; a test says
# when another version of the library no longer comes by here.
operators._Element.__init__ = _spending


class TemplateError(Exception):
    """A template is malformed, or failed, or took too much. The message is for the execution log."""


def parse_template(text: str) -> Any:
    """Return the outermost Block of a template.

    Raises:
        TemplateError: It breaks the grammar.
        BudgetSpent: The caller's budget is over.
    """
    if len(text) > MAX_TEMPLATE:
        raise TemplateError("the template is larger than 300 KB")
    return (_small if len(text) <= _SMALL else _large)(text)


def _parsed(text: str) -> Any:
    if _list_depth(text) > _MAX_LIST_DEPTH:
        raise TemplateError("lists are nested too deeply")
    template = operators.Template(text, filename="template")
    try:
        template.ensure_compiled()
    except operators.TemplateError as error:
        raise TemplateError(f"Unable to parse the template: {error}") from None
    except BudgetSpent:
        raise
    except Exception as error:  # the grammar trips over some malformed texts (`(a not b)`: KeyError)
        raise TemplateError(f"Unable to parse the template: {type(error).__name__}") from None
    return template.root_element.block


# A tree takes some 250 bytes for each character, and what is parsed within a budget some 15 MB (measured):
# together 1.5 GB at the most, if somebody tries.
_SMALL = 4096
_small = lru_cache(maxsize=512)(_parsed)
_large = lru_cache(maxsize=64)(_parsed)


def _list_depth(text: str) -> int:
    """Return how deep lists that begin with a reference are nested."""
    deepest = 0
    open_lists: list[bool] = []
    costly = 0
    for index, character in enumerate(text):
        if character == "[":
            follows = text[index + 1 : index + 40].lstrip()
            open_lists.append(follows.startswith("$"))
            costly += open_lists[-1]
            deepest = max(deepest, costly)
        elif character == "]" and open_lists:
            costly -= open_lists.pop()
    return deepest
