"""The operations, a package for each API.

Each package's `__init__` holds the API's record (`API`), `operations` the records of its operations, and `requests` and
`responses` their models. An API is found by its folder, so adding one is adding a folder: docs/how-to/add-an-api.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from sp_mcp.apis.api import Api

if TYPE_CHECKING:
    from sp_mcp.operation import Operation


@cache
def apis() -> Mapping[str, Api]:
    """Name -> record of every API, in the order in which their tools are listed. Loads no models."""
    found = [_record(package.name) for package in iter_modules(__path__) if package.ispkg]
    return {api.name: api for api in sorted(found, key=lambda api: api.position)}


def _record(folder: str) -> Api:
    file = f"sp_mcp/apis/{folder}/__init__.py"
    api: Api | None = getattr(import_module(f"{__name__}.{folder}"), "API", None)
    if api is None:
        raise TypeError(f"{file}: write the API's record, API = Api(…)")
    if api.name != folder:
        raise TypeError(f"{file}: name is {api.name!r}; write {folder!r}, the folder's own")
    return api


def operations(names: Iterable[str] | None = None) -> tuple[Operation, ...]:
    """The operations of the named APIs, in the order given; of all APIs where none are named."""
    found: list[Operation] = []
    for name in apis() if names is None else names:
        found += import_module(f"{__name__}.{name}.operations").OPERATIONS
    return tuple(found)


def operation(api: str, operation_id: str) -> Operation:
    """One operation of an API, by Amazon's name for it."""
    return next(operation for operation in operations((api,)) if operation.operation_id == operation_id)
