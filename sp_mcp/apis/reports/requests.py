"""Arguments of Reports."""

from __future__ import annotations

from sp_mcp.fields import DottedSegment, argument
from sp_mcp.operation import RequestModel


class GetReportRequest(RequestModel):
    reportId: DottedSegment = argument("Report id", source="the result document of an Easy Ship feed")


class GetReportDocumentRequest(RequestModel):
    reportDocumentId: DottedSegment = argument("Document id", source="reports_get_report")
    enableContentEncodingUrlHeader: bool | None = argument(
        "true: the download names its compression in the Content-Encoding header", default=None
    )
