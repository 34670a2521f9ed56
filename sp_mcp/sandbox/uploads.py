"""Uploads: a URL for a file that a message will carry (docs/facts/messaging.md#uploads)."""

from __future__ import annotations

import base64
import re
import secrets
from typing import Any

from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.state import State

_SECONDS = 900
_RESOURCE = re.compile(r"messaging/v1/orders/([^/]+)/messages/(\w+)")


def create_upload_destination(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """A URL for one file, for one message of one order."""
    match = _RESOURCE.fullmatch(call["resource"])
    if match is None:
        raise Refusal(403, "Unauthorized", "Access to requested resource is denied.")
    state.order_in(match.group(1), call["marketplaceIds"])
    try:
        size = len(base64.b64decode(call["contentMD5"], validate=True))
    except ValueError:
        size = 0
    if size != 16:
        raise invalid("contentMD5 is not the MD5 of anything.")
    headers = {"Content-MD5": call["contentMD5"], "x-amz-server-side-encryption": "aws:kms"}
    if "contentType" in call:
        headers["Content-Type"] = call["contentType"]
    path = state.storage.to_put(_SECONDS, headers)
    identifier = f"sc/{secrets.token_hex(8)}"
    state.destinations[identifier] = (call["resource"], path.split("?")[0])
    return {"payload": {"uploadDestinationId": identifier, "url": f"{state.address}{path}", "headers": headers}}


ANSWERS = {
    "createUploadDestinationForResource": create_upload_destination,
}
"""How each operation is answered, by Amazon's name for it."""
