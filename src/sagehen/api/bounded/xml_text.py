"""XML without document types and entities, whose elements are counted while they arrive."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder  # what is built; defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from sagehen.api.bounded.budget import spend

# Deeper than any document of AWS's.
MAX_DEPTH = 32
# Several times what AWS's own limits let the largest of most documents come to.
MAX_ELEMENTS = 10_000


class NotXml(ValueError):
    """A text is no XML, declares entities, or is deeper or wider than its reader allows."""


class _Builder(TreeBuilder):
    """A tree that stops growing: what came before the limit is all that it cost."""

    def __init__(self, elements: int) -> None:
        super().__init__()
        self._left = elements
        self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        spend()
        self._left -= 1 + len(attrs)
        self._depth += 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            raise NotXml("it holds too many elements, or nests them too deeply")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def data(self, data: Any, /) -> None:
        spend()  # `&#65;` is a piece of its own
        super().data(data)


def read_xml(text: str | bytes, elements: int = MAX_ELEMENTS) -> Element:
    """Return a document's root.

    Args:
        text: As it arrived.
        elements: So many elements and attributes at the most.

    Raises:
        NotXml: See there.
        BudgetSpent: The caller's budget is over.
    """
    parser = DefusedXMLParser(target=_Builder(elements), forbid_dtd=True)
    try:
        parser.feed(text)
        root: Element = parser.close()
    except (SyntaxError, DefusedXmlException, LookupError) as error:
        raise NotXml(str(error)) from None
    return root
