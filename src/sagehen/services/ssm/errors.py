"""The errors of Systems Manager: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class AccessDeniedException(ServiceError):
    """A name that is AWS's own."""


class DuplicateInstanceId(ServiceError):
    """An instance is named twice."""


class HierarchyLevelLimitExceededException(ServiceError):
    """A name with more than fifteen levels."""


class HierarchyTypeMismatchException(ServiceError):
    """A parameter keeps its type."""


class InvalidAllowedPatternException(ServiceError):
    """The pattern is no regular expression, or one that would take too much."""


class InvalidCommandId(ServiceError):
    """There is no such command."""


class InvalidDocument(ServiceError):
    """There is no such document."""


class InvalidDocumentVersion(ServiceError):
    """The document has no such version."""


class InvalidFilterKey(ServiceError):
    """No such filter here."""


class InvalidFilterOption(ServiceError):
    """The filter does not know the option."""


class InvalidFilterValue(ServiceError):
    """A value that the filter cannot have."""


class InvalidInstanceId(ServiceError):
    """The instance does not run, or is none of the account's."""


class InvalidInstanceInformationFilterValue(ServiceError):
    """A value that the filter cannot have."""


class InvalidKeyId(ServiceError):
    """The key is not there, or cannot be used."""


class InvalidNextToken(ServiceError):
    """The token is none of this listing's."""


class InvalidParameters(ServiceError):
    """The document does not have such parameters, or they lack something."""


class InvalidPluginName(ServiceError):
    """The document has no such step."""


class InvalidResourceId(ServiceError):
    """There is no such resource to tag."""


class InvalidResourceType(ServiceError):
    """Resources of this type are not here."""


class InvocationDoesNotExist(ServiceError):
    """The command did not go to this instance, or is none."""


class ParameterAlreadyExists(ServiceError):
    """There is a parameter of that name, and it was not to be overwritten."""


class ParameterLimitExceeded(ServiceError):
    """The account has as many parameters as it may."""


class ParameterMaxVersionLimitExceeded(ServiceError):
    """The oldest of a hundred versions has a label, so that it cannot go."""


class ParameterNotFound(ServiceError):
    """There is no parameter of that name."""


class ParameterPatternMismatchException(ServiceError):
    """The value is not what the parameter's pattern allows."""


class ParameterVersionLabelLimitExceeded(ServiceError):
    """A version would have more than ten labels."""


class ParameterVersionNotFound(ServiceError):
    """The parameter has no such version, or no version of that label."""


class TooManyTagsError(ServiceError):
    """A parameter would have more than fifty tags."""


class UnsupportedParameterType(ServiceError):
    """A type that is none."""


class ThrottlingException(ServiceError):
    """More than is taken at once (documented: Common Errors)."""
