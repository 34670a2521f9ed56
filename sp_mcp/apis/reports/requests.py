"""Arguments of Reports."""

from __future__ import annotations

from sp_mcp.fields import DottedSegment, argument
from sp_mcp.operation import RequestModel


class GetReportRequest(RequestModel):
    reportId: DottedSegment = argument("Report id", source="what a feed of Easy Ship documents answered")


class GetReportDocumentRequest(RequestModel):
    reportDocumentId: DottedSegment = argument("Document id", source="reports_get_report")
    enableContentEncodingUrlHeader: bool | None = argument("Let the download say how it is packed", default=None)
