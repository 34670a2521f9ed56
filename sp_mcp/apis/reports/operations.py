"""The operations of Reports that easy_ship_get_documents needs."""

from __future__ import annotations

from sp_mcp.apis.reports import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

_ROLE = "the role of the report, for Easy Ship Direct-to-Consumer Shipping (Restricted), and a seller's account"

OPERATIONS = (
    Operation(
        api="reports",
        operation_id="getReport",
        title="Get report",
        description="Shows the status of a report. Returns `processingStatus` (IN_QUEUE, IN_PROGRESS, DONE, "
        "CANCELLED or FATAL) and, once it is DONE, `reportDocumentId`.",
        endpoint=Endpoint(
            method="GET",
            path="/reports/2021-06-30/reports/{reportId}",
            rate=Rate(2, 15),
            effect=Effect.READS,
            proof=("reportId",),
        ),
        request=requests.GetReportRequest,
        response=responses.Report,
        role=_ROLE,
        example=Example(
            {"reportId": "amzn1.easyship.document.1"},
            {"reportId": "amzn1.easyship.document.1", "processingStatus": "DONE"},
        ),
    ),
    Operation(
        api="reports",
        operation_id="getReportDocument",
        title="Get report document",
        description="Returns a report's `compressionAlgorithm` and a `url`, valid for 5 minutes, from which to "
        "download it. It can hold buyers' data. About one call a minute once the first 15 are used.",
        endpoint=Endpoint(
            method="GET",
            path="/reports/2021-06-30/documents/{reportDocumentId}",
            rate=Rate(0.0167, 15),
            effect=Effect.READS,
            # The reports with Easy Ship documents are restricted (docs/facts/documents.md#restricted-reports).
            restricted=True,
            proof=("reportDocumentId",),
        ),
        request=requests.GetReportDocumentRequest,
        response=responses.ReportDocument,
        role=_ROLE,
        example=Example(
            {"reportDocumentId": "amzn1.spdoc.1.4.eu.1"},
            {"reportDocumentId": "amzn1.spdoc.1.4.eu.1", "url": "https://s.example/3"},
        ),
    ),
)
