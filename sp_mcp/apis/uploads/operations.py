"""The operations of Uploads."""

from __future__ import annotations

from sp_mcp.apis.uploads import requests, responses
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate

OPERATIONS = (
    Operation(
        api="uploads",
        operation_id="createUploadDestinationForResource",
        method="POST",
        path="/uploads/2020-11-01/uploadDestinations/{resource}",
        title="Create upload destination",
        description="Makes a place for one file, for 15 minutes, at a URL to which the bytes are sent by PUT with "
        "exactly the headers of the answer. messaging_upload_attachment does this and more. Returns payload with "
        "uploadDestinationId, url and headers.",
        request=requests.CreateUploadDestinationForResourceRequest,
        response=responses.CreateUploadDestinationResponse,
        # The model says 10 and 10, Amazon's SDK 5 and 5: the lower holds (sp-api-facts 4.1).
        rate=Rate(5, 5),
        role="a role of the operation that will use the file, such as Buyer Communication",
        # Nobody sees an empty place, and an unused one is gone by itself.
        effect=Effect.READS,
        success=201,
        proof=("payload",),
    ),
)
