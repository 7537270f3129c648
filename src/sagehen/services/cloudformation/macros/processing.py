"""Processing: a template's macros, done in AWS's order: the innermost fragments first, the whole last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudformation.errors import TransformFailed, ValidationError
from sagehen.services.cloudformation.macros.asking import Asking
from sagehen.services.cloudformation.macros.functions import FunctionMacros
from sagehen.services.cloudformation.macros.include import included
from sagehen.services.cloudformation.macros.language_extensions import extended, require_no_extensions
from sagehen.services.cloudformation.macros.serverless import Serverless
from sagehen.services.cloudformation.templates.reading import MOST_FILE_BYTES
from sagehen.services.cloudformation.templates.transforms import (
    FRAGMENT,
    INCLUDE,
    LANGUAGE_EXTENSIONS,
    SERVERLESS,
    Macro,
    at_the_top,
    macro_of,
    names_of,
)

_HERE = (INCLUDE, LANGUAGE_EXTENSIONS, SERVERLESS)
# Of one template: each is a file that is read.
_MOST_FRAGMENTS = 100
_DEEPEST = 100


class Macros:
    """Does what templates ask of macros.

    Args:
        functions: Macros of one's own.
    """

    def __init__(self, functions: FunctionMacros) -> None:
        self._functions = functions
        self._serverless = Serverless()

    async def processed(self, asking: Asking, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a template becomes, without its macros.

        Raises:
            TransformFailed, ValidationError.
            NotImplementedOperation: It asks for one that is not installed.
        """
        names = names_of(document)
        for name in names:
            if name not in _HERE:
                self._functions.require(asking, name)
        if LANGUAGE_EXTENSIONS not in names:
            await asyncio.to_thread(require_no_extensions, document)
        outer = at_the_top(document)
        found = {name: one for name, one in document.items() if name != "Transform"}
        found = await _Fragments(asking, self._functions).written(found)
        for macro in outer:
            made = await self._whole(macro, asking, found)
            if not isinstance(made, dict):
                raise TransformFailed(macro.name, "It made no template.")
            found = made
            await asyncio.to_thread(_require_size, macro, found)
        return found

    async def _whole(self, macro: Macro, asking: Asking, document: dict[str, Any]) -> Any:
        if macro.name == SERVERLESS:
            scope = asking.scope
            return await self._serverless.translated(scope.account_id, scope.region, document, asking.texts)
        if macro.name == LANGUAGE_EXTENSIONS:
            return await asyncio.to_thread(extended, document, asking.context)
        if macro.name == INCLUDE:
            return await included(macro, document, asking.context, asking.text_at)
        return await self._functions.answered(asking, macro, document)


class _Fragments:
    """Puts what fragments become in their places, the innermost first."""

    def __init__(self, asking: Asking, functions: FunctionMacros) -> None:
        self._asking = asking
        self._functions = functions
        self._left = _MOST_FRAGMENTS

    async def written(self, value: Any, depth: int = 0) -> Any:
        if depth > _DEEPEST:
            raise ValidationError("Template format error: Template is too complex")
        if isinstance(value, list):
            return [await self.written(one, depth + 1) for one in value]
        if not isinstance(value, dict):
            return value
        found = {name: await self.written(one, depth + 1) for name, one in value.items() if name != FRAGMENT}
        if FRAGMENT not in value:
            return found
        macro = macro_of(value[FRAGMENT])
        if macro.name in (SERVERLESS, LANGUAGE_EXTENSIONS):
            raise TransformFailed(macro.name, "It is for whole templates, in their section Transform.")
        self._left -= 1
        if self._left < 0:
            raise TransformFailed(macro.name, f"A template has {_MOST_FRAGMENTS} fragments at most.")
        if macro.name == INCLUDE:
            return await included(macro, found, self._asking.context, self._asking.text_at)
        return await self._functions.answered(self._asking, macro, found)


def _require_size(macro: Macro, document: Mapping[str, Any]) -> None:
    if len(json.dumps(document)) > MOST_FILE_BYTES:
        raise TransformFailed(macro.name, f"The processed template has more than {MOST_FILE_BYTES} bytes.")
