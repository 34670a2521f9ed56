"""Answers of Reports."""

from __future__ import annotations

from sp_mcp.operation import ResponseModel


class Report(ResponseModel):
    marketplaceIds: list[str] | None = None
    reportId: str | None = None
    reportType: str | None = None
    dataStartTime: str | None = None
    dataEndTime: str | None = None
    reportScheduleId: str | None = None
    createdTime: str | None = None
    processingStatus: str | None = None
    processingStartTime: str | None = None
    processingEndTime: str | None = None
    reportDocumentId: str | None = None


class ReportDocument(ResponseModel):
    reportDocumentId: str | None = None
    url: str | None = None
    compressionAlgorithm: str | None = None
