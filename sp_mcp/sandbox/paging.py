"""Pages and the tokens between them, good for the same parameters only (docs/facts/vendor-orders.md#paging)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from sp_mcp.sandbox.refusals import invalid

T = TypeVar("T")


def page(items: Sequence[T], call: dict[str, Any], *, size: int, token: str) -> tuple[list[T], str | None]:
    """A page of at most `size` items and the token of the next one; `token` is the parameter that holds one."""
    fixed = {**call, token: ""}
    same = hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()[:16]
    start = 0
    if given := call.get(token):
        try:
            start, made_for = json.loads(base64.urlsafe_b64decode(given))
        except (ValueError, TypeError):
            raise invalid(f"The {token} is not valid.") from None
        if made_for != same:
            raise invalid(f"The {token} belongs to a call with other parameters.")
    end = start + size
    following = base64.urlsafe_b64encode(json.dumps([end, same]).encode()).decode() if end < len(items) else None
    return list(items[start:end]), following
