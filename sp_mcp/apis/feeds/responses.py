"""Answers of Feeds."""

from __future__ import annotations

from sp_mcp.operation import ResponseModel


class CreateFeedResponse(ResponseModel):
    feedId: str | None = None


class Feed(ResponseModel):
    feedId: str | None = None
    feedType: str | None = None
    marketplaceIds: list[str] | None = None
    createdTime: str | None = None
    processingStatus: str | None = None
    processingStartTime: str | None = None
    processingEndTime: str | None = None
    resultFeedDocumentId: str | None = None


class CreateFeedDocumentResponse(ResponseModel):
    feedDocumentId: str | None = None
    url: str | None = None


class FeedDocument(ResponseModel):
    feedDocumentId: str | None = None
    url: str | None = None
    compressionAlgorithm: str | None = None
