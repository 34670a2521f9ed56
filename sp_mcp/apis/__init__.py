"""The operations, a package for each API: `operations` holds the records, `requests` and `responses` their models.

An operation is added to its API's package and nowhere else. A new API is also named in settings.API_NAMES.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sp_mcp.operation import Operation


def operations(apis: tuple[str, ...]) -> tuple[Operation, ...]:
    """The operations of the named APIs, in their order."""
    found: list[Operation] = []
    for api in apis:
        found += import_module(f"{__name__}.{api}.operations").OPERATIONS
    return tuple(found)


def operation(api: str, operation_id: str) -> Operation:
    """One operation of an API, by Amazon's name for it."""
    return next(operation for operation in operations((api,)) if operation.operation_id == operation_id)


def job(api: str) -> str:
    """What is done with an API and in which steps, for an assistant. Loads no models."""
    text: str = import_module(f"{__name__}.{api}").JOB
    return text
