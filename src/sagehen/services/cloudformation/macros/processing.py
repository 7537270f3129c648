"""Processing: a template's macros, done in AWS's order: the innermost fragments first, the whole last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.errors import TransformFailed, ValidationError
from sagehen.services.cloudformation.macros.include import included
from sagehen.services.cloudformation.macros.language_extensions import extended, require_no_extensions
from sagehen.services.cloudformation.macros.serverless import Serverless
from sagehen.services.cloudformation.templates.context import Context
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
    """Does what templates ask of macros."""

    def __init__(self) -> None:
        self._serverless = Serverless()

    async def processed(
        self,
        scope: Scope,
        document: Mapping[str, Any],
        texts: Mapping[str, str],
        context: Context,
        text_at: Callable[[str], Awaitable[str]],
    ) -> dict[str, Any]:
        """Return what a template becomes, without its macros.

        Args:
            texts: The parameters' values, for macros that evaluate them.
            context: The same values and the pseudo parameters, for functions in macros' parameters.
            text_at: Reads a file of S3 with the caller's rights. Raises ServiceError.

        Raises:
            TransformFailed, ValidationError.
            NotImplementedOperation: It asks for a macro that is not there.
        """
        names = names_of(document)
        if strange := [name for name in names if name not in _HERE]:
            raise NotImplementedOperation(f"Transform {', '.join(strange)} is not implemented.")
        if LANGUAGE_EXTENSIONS not in names:
            await asyncio.to_thread(require_no_extensions, document)
        outer = at_the_top(document)
        found = {name: one for name, one in document.items() if name != "Transform"}
        found = await _Fragments(context, text_at).written(found)
        for macro in outer:
            found = await self._whole(macro, scope, found, texts, context, text_at)
            await asyncio.to_thread(_require_size, macro, found)
        return found

    async def _whole(
        self,
        macro: Macro,
        scope: Scope,
        document: dict[str, Any],
        texts: Mapping[str, str],
        context: Context,
        text_at: Callable[[str], Awaitable[str]],
    ) -> dict[str, Any]:
        if macro.name == SERVERLESS:
            return await self._serverless.translated(scope.account_id, scope.region, document, texts)
        if macro.name == LANGUAGE_EXTENSIONS:
            return await asyncio.to_thread(extended, document, context)
        found: dict[str, Any] = await included(macro, document, context, text_at)
        return found


class _Fragments:
    """Puts what fragments become in their places, the innermost first."""

    def __init__(self, context: Context, text_at: Callable[[str], Awaitable[str]]) -> None:
        self._context = context
        self._text_at = text_at
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
        if macro.name != INCLUDE:
            raise TransformFailed(macro.name, "It is for whole templates, in their section Transform.")
        self._left -= 1
        if self._left < 0:
            raise TransformFailed(INCLUDE, f"A template includes {_MOST_FRAGMENTS} files at most.")
        return await included(macro, found, self._context, self._text_at)


def _require_size(macro: Macro, document: Mapping[str, Any]) -> None:
    if len(json.dumps(document)) > MOST_FILE_BYTES:
        raise TransformFailed(macro.name, f"The processed template has more than {MOST_FILE_BYTES} bytes.")
