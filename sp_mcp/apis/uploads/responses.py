"""Answers of Uploads."""

from __future__ import annotations

from sp_mcp.operation import ErrorGiven, ResponseModel


class UploadDestination(ResponseModel):
    uploadDestinationId: str | None = None
    url: str | None = None
    headers: dict[str, str] | None = None


class CreateUploadDestinationResponse(ResponseModel):
    payload: UploadDestination | None = None
    errors: list[ErrorGiven] | None = None
