"""The operations of Reports that fetching documents takes."""

from __future__ import annotations

from sp_mcp.apis.reports import requests, responses
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate

_ROLE = "the role of the report, for Easy Ship Direct-to-Consumer Shipping (Restricted), and a seller's account"

OPERATIONS = (
    Operation(
        api="reports",
        operation_id="getReport",
        method="GET",
        path="/reports/2021-06-30/reports/{reportId}",
        title="Get report",
        description="Shows how far a report is: IN_QUEUE, IN_PROGRESS, DONE, CANCELLED or FATAL. Returns "
        "processingStatus and, once DONE, reportDocumentId.",
        request=requests.GetReportRequest,
        response=responses.Report,
        rate=Rate(2, 15),
        role=_ROLE,
        effect=Effect.READS,
        proof=("reportId",),
    ),
    Operation(
        api="reports",
        operation_id="getReportDocument",
        method="GET",
        path="/reports/2021-06-30/documents/{reportDocumentId}",
        title="Get report document",
        description="Gives the URL, good for 5 minutes, of a report's content, which may hold buyers' data. Returns "
        "url and compressionAlgorithm.",
        request=requests.GetReportDocumentRequest,
        response=responses.ReportDocument,
        rate=Rate(0.0167, 15),
        role=_ROLE,
        effect=Effect.READS,
        # For documents of a restricted report, as Easy Ship's are (sp-api-facts 4.2).
        restricted=True,
        proof=("reportDocumentId",),
    ),
)
