"""The files behind a booking: labels, invoices, and the archive of a bulk booking."""

from __future__ import annotations

import io
import zipfile

from sp_mcp.sandbox.state import State

_URL_SECONDS = 300


def archive(state: State, order_ids: list[str], label_format: str) -> str:
    """The URL of a ZIP with the label and invoice of each order, good for five minutes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for order_id in order_ids:
            label = pdf(order_id, "ShippingLabel") if label_format == "PDF" else f"^XA^FD{order_id}^FS^XZ".encode()
            packed.writestr(f"{order_id}/label.{label_format.lower()}", label)
            packed.writestr(f"{order_id}/invoice.pdf", pdf(order_id, "Invoice"))
    return f"{state.address}{state.storage.to_get(_URL_SECONDS, content.getvalue(), 'application/zip')}"


def pdf(order_id: str, kind: str) -> bytes:
    """A small file that says what it would be."""
    return f"%PDF-1.4\n% practice {kind} of {order_id}\n%%EOF\n".encode()
