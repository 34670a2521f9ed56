"""One good call of every operation, and a scripted answer to it: the worked examples of the records."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sp_mcp.apis import apis, operations
from sp_mcp.operation import Operation
from sp_mcp.workflows import catalogue
from tests.fakes import Wire

API_NAMES = tuple(apis())
DEFAULT_APIS = tuple(api.name for api in apis().values() if api.listed)

OPERATIONS: dict[str, Operation] = {operation.name: operation for operation in operations()}
WORKFLOWS = {workflow.name: workflow for workflow in catalogue()}

IN = "A21TJRUUN4KGV"
US = "ATVPDKIKX0DER"
ORDER = "403-1234567-1234567"
SLOT = {
    "slotId": "slot-1",
    "startTime": "2026-05-05T10:00:00+05:30",
    "endTime": "2026-05-05T13:00:00+05:30",
    "handoverMethod": "PICKUP",
}
FILE = {"uploadDestinationId": "upload-1", "fileName": "invoice.pdf"}
MESSAGE = {"amazonOrderId": ORDER, "marketplaceIds": [US]}
TEXT = {**MESSAGE, "text": "Your parcel arrives on Thursday."}
FILES = {**MESSAGE, "attachments": [FILE]}


def _about_one_order(value: Any) -> Any:
    """The same call with the one order that these tests speak of."""
    return json.loads(json.dumps(value).replace("902-1234567-1234567", ORDER))


GOOD: Mapping[str, dict[str, Any]] = {
    name: _about_one_order(dict(operation.example.arguments)) for name, operation in OPERATIONS.items()
}
ACKNOWLEDGEMENT: dict[str, Any] = GOOD["vendor_orders_submit_acknowledgement"]["acknowledgements"][0]


def _answers() -> dict[str, Any]:
    found: dict[str, Any] = {"/restrictedDataToken": {"restrictedDataToken": "Atz.sprdt|secret-rdt", "expiresIn": 3600}}
    for name, operation in OPERATIONS.items():
        if operation.example.answer:
            end = re.sub(r"^/.*?/(v\d|\d{4}-\d\d-\d\d)/", "/", operation.to_request(GOOD[name]).path)
            found[end] = found.get(end, {}) | answer_to(operation)
    return dict(sorted(found.items(), key=lambda entry: len(entry[0]), reverse=True))


def answer_to(operation: Operation) -> Any:
    """The success that answers the good call of an operation."""
    return _about_one_order(dict(operation.example.answer))


ANSWERS = _answers()
"""A success for every path that has one, by the path's end; messages answer `{}`."""


def different(name: str, times: int) -> list[dict[str, Any]]:
    """So many good calls of one operation, each about another order."""
    text = json.dumps(GOOD[name])
    return [
        json.loads(text.replace(ORDER, f"403-1234567-{number:07}").replace("4Z32PABC", f"4Z32{number:04}"))
        for number in range(times)
    ]


def amazon() -> Wire:
    """A scripted Amazon that answers every operation with a success."""
    return Wire({**{path: [answer] for path, answer in ANSWERS.items()}, "": [{}]})
