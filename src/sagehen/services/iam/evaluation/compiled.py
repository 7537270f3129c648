"""Policies made ready for evaluation: one regular expression per element, statements per action."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from sagehen.domain.identity import Principal
from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.evaluation.conditions import Condition, RequestKeys, compile_condition
from sagehen.services.iam.evaluation.principals import Grade, matches
from sagehen.services.iam.grammar import patterns
from sagehen.services.iam.grammar.documents import VERSION, parse_policy
from sagehen.services.iam.grammar.statements import Statement

# Actions are a small vocabulary, but a hostile client may invent them.
_ACTIONS_REMEMBERED = 1024


class CompiledStatement:
    """One statement; `index` is its place in the document."""

    __slots__ = (
        "_actions",
        "_resource_templates",
        "_resources",
        "conditions",
        "contextual",
        "deny",
        "index",
        "statement",
    )

    def __init__(self, statement: Statement, index: int, variables: bool) -> None:
        self.statement = statement
        self.index = index
        self.deny = statement.effect == "Deny"
        self._actions = patterns.any_of(
            [patterns.glob(action) for action in statement.actions], ignore_case=True
        )
        resources = statement.resources or ()
        templates = tuple(value for value in resources if variables and patterns.has_variables(value))
        # The text before the first variable or wildcard rules most of them out without expansion.
        self._resource_templates = tuple(
            (re.split(r"[*?$]", value, maxsplit=1)[0], value) for value in templates
        )
        self._resources = patterns.any_of(
            [patterns.resource_arn(value) for value in resources if value not in templates]
        )
        self.conditions: tuple[Condition, ...] = tuple(
            compile_condition(name, key, values, variables) for name, key, values in statement.conditions
        )
        # True where the answer depends on more than caller, action and resource.
        self.contextual = bool(self.conditions or self._resource_templates)

    def covers_action(self, action: str) -> bool:
        """Tell whether Action or NotAction covers an action; compared without case."""
        return self._actions(action) is not self.statement.not_action

    def covers_resource(self, resource: str, keys: RequestKeys) -> bool:
        """Tell whether Resource or NotResource covers a resource; compared with case.

        A variable without a value makes its pattern match nothing: the statement then covers no resource by
        Resource, and every one by NotResource.
        """
        if self.statement.resources is None:
            return True
        found = self._resources(resource)
        if not found:
            for prefix, template in self._resource_templates:
                if not resource.startswith(prefix):
                    continue
                expanded = patterns.expand(template, keys.single)
                if expanded is None:
                    continue
                if patterns.resource_match(expanded)(resource):
                    found = True
                    break
        return found is not self.statement.not_resource

    def applies(self, resource: str, keys: RequestKeys) -> bool:
        """Tell whether resource and conditions hold; the action was looked up before."""
        if not self.covers_resource(resource, keys):
            return False
        return all(condition.holds(keys) for condition in self.conditions)

    def grade(self, caller: Principal) -> Grade:
        """Return how directly Principal or NotPrincipal names the caller; NONE without either."""
        principals = self.statement.principals
        if principals is None:
            return Grade.NONE
        return matches(principals, self.statement.not_principal, caller)

    def context_keys(self) -> set[str]:
        """Return the condition keys that it asks for, as the document spells them."""
        keys = {key for _, key, _ in self.statement.conditions}
        for condition in self.conditions:
            keys.update(condition.variables())
        for _, template in self._resource_templates:
            keys.update(patterns.variables_in(template))
        return keys


class CompiledPolicy:
    """A document whose statements are found by action."""

    __slots__ = ("_by_action", "statements")

    def __init__(self, statements: Sequence[CompiledStatement]) -> None:
        self.statements = tuple(statements)
        self._by_action: dict[str, tuple[CompiledStatement, ...]] = {}

    def for_action(self, action: str) -> tuple[CompiledStatement, ...]:
        """Return the statements that cover an action, in the document's order; remembered by action."""
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= _ACTIONS_REMEMBERED:
                self._by_action.clear()
            found = tuple(statement for statement in self.statements if statement.covers_action(action))
            self._by_action[action] = found
        return found


# By text: the same managed policy is compiled once for all who have it. Some 30 kB each.
@lru_cache(maxsize=2048)
def compile_policy(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    """Parse and compile a document.

    Raises:
        MalformedPolicyDocument: It breaks the grammar.
    """
    document = parse_policy(text, kind, new=False)
    # Version 2008-10-17 knows no variables: `${aws:username}` is plain text there.
    variables = document.version == VERSION
    return CompiledPolicy(
        [
            CompiledStatement(statement, index, variables)
            for index, statement in enumerate(document.statements)
        ]
    )


def readable_policy(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    """Compile a document that is in force: one that cannot be read refuses everything.

    Every document is checked where it is put, but rules grow stricter: one that was stored before
    must neither grant more than it said nor turn each request into an error. What root of the
    account may always do (replace a bucket's policy) it may still.
    """
    try:
        return compile_policy(text, kind)
    except MalformedPolicyDocument:
        return _refusing_everything()


@lru_cache(maxsize=1)
def _refusing_everything() -> CompiledPolicy:
    everything = Statement("", "Deny", ("*",), False, ("*",), False, (("AWS", "*"),), False, ())
    return CompiledPolicy([CompiledStatement(everything, 0, False)])
