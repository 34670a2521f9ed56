"""Arguments of Uploads."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from sp_mcp.fields import OneMarketplaceId, Text, argument
from sp_mcp.operation import RequestModel

# Several path segments without dots, so that none leads to another path; no slash at either end.
_SEGMENTS = r"^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*$"
Resource = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_SEGMENTS)]
Md5 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{22}==$")]


class CreateUploadDestinationForResourceRequest(RequestModel):
    resource: Resource = argument(
        "Path of the message operation that will use the file",
        example="messaging/v1/orders/902-1234567-1234567/messages/invoice",
    )
    marketplaceIds: OneMarketplaceId = argument("The order's marketplace", example='["ATVPDKIKX0DER"] (US)')
    contentMD5: Md5 = argument("MD5 of the file, its 16 bytes in base64", example="1B2M2Y8AsgTpgAmY7PhCfg==")
    contentType: Text | None = argument("Media type of the file", example="application/pdf", default=None)
