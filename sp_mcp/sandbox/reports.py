"""Reports, as far as the documents of Easy Ship go through them: a PDF, fetched with a token for exactly its path."""

from __future__ import annotations

import gzip
from typing import Any

from sp_mcp.sandbox.label_files import pdf
from sp_mcp.sandbox.refusals import Refusal
from sp_mcp.sandbox.state import State

_URL_SECONDS = 300


def get_report(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """How far a report is: there at once."""
    if call["reportId"] not in state.reports:
        raise Refusal(404, "NotFound", "The report was not found.")
    return {
        "reportId": call["reportId"],
        "reportType": "GET_EASYSHIP_DOCUMENTS",
        "createdTime": "2026-01-01T00:00:00Z",
        "processingStatus": "DONE",
        "reportDocumentId": f"amzn1.spdoc.1.4.eu.{call['reportId'].rsplit('.', 1)[-1]}",
    }


def get_report_document(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Where a report's content is to be fetched."""
    wanted = call["reportDocumentId"].rsplit(".", 1)[-1]
    found = next((value for name, value in state.reports.items() if name.endswith(f".{wanted}")), None)
    if found is None:
        raise Refusal(404, "NotFound", "The document was not found.")
    path = state.storage.to_get(_URL_SECONDS, gzip.compress(pdf(*found)), "application/pdf")
    return {
        "reportDocumentId": call["reportDocumentId"],
        "url": f"{state.address}{path}",
        "compressionAlgorithm": "GZIP",
    }


RESTRICTED = frozenset({"getReportDocument"})
"""What needs a Restricted Data Token."""

ANSWERS = {
    "getReport": get_report,
    "getReportDocument": get_report_document,
}
"""How each operation is answered, by Amazon's name for it."""
