"""The operations of Uploads."""

from __future__ import annotations

from sp_mcp.apis.uploads import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

OPERATIONS = (
    Operation(
        api="uploads",
        operation_id="createUploadDestinationForResource",
        title="Create upload destination",
        description="Creates an upload for one file. Returns `payload` with `uploadDestinationId`, `headers` and a "
        "`url`, valid for 15 minutes: send the file there by PUT with exactly these headers. "
        "messaging_upload_attachment does both steps.",
        endpoint=Endpoint(
            method="POST",
            path="/uploads/2020-11-01/uploadDestinations/{resource}",
            # The model file says 10 and 10, Amazon's SDK 5 and 5; this is the lower (docs/facts/messaging.md#rates).
            rate=Rate(5, 5),
            # Nobody sees an upload that no message uses, and Amazon removes it.
            effect=Effect.PREPARES,
            success=201,
            proof=("payload",),
            locations=dict.fromkeys(("marketplaceIds", "contentMD5", "contentType"), ("query",)),
            slashes=frozenset({"resource"}),
        ),
        request=requests.CreateUploadDestinationForResourceRequest,
        response=responses.CreateUploadDestinationResponse,
        role="a role of the operation that will use the file, such as Buyer Communication",
        example=Example(
            {
                "resource": "messaging/v1/orders/403-1234567-1234567/messages/invoice",
                "marketplaceIds": ["ATVPDKIKX0DER"],
                "contentMD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
                "contentType": "application/pdf",
            },
            {"payload": {"uploadDestinationId": "u-1"}},
        ),
    ),
)
