"""Extracts what Amazon takes of a request, for the local Selling Partner to check against.

Usage: python tools/extract_contract.py PATH [--check]       (PATH holds Amazon's model files)

Writes sp_mcp/sandbox/contract.json: structure only, without a word of Amazon's prose, and the module that answers each
operation. Which operations there are comes from the records of the APIs, what they take from Amazon's files alone. What
the service demands beyond its model is added here, with the reason. --check: exit code 1 if the file is out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from amazon_models import ModelFile, ModelOperation, load_model

from sp_mcp.apis import apis, operations
from sp_mcp.apis.api import Api

CONTRACT = Path(__file__).parent.parent / "sp_mcp" / "sandbox" / "contract.json"

_TOKENS = "tokens_2021-03-01.json"

_STRUCTURE = ("type", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern")

# Amazon's SDK uses these rates; the model has none or a higher one (docs/facts/messaging.md#rates).
_RATES = {"sendInvoice": (1.0, 5), "createUploadDestinationForResource": (5.0, 5)}

# Required by the service although the model does not say so in its structure (docs/facts/vendor-orders.md#net-cost,
# docs/facts/messaging.md#required-fields, docs/facts/easy-ship.md#size-and-weight).
_REQUIRED = {
    "OrderAcknowledgementItem": ["netCost"],
    "SubmitAcknowledgementRequest": ["acknowledgements"],
    "CreateConfirmDeliveryDetailsRequest": ["text"],
    "CreateConfirmOrderDetailsRequest": ["text"],
    "CreateConfirmServiceDetailsRequest": ["text"],
    "CreateUnexpectedProblemRequest": ["text"],
    "CreateLegalDisclosureRequest": ["attachments"],
    "CreateWarrantyRequest": ["attachments"],
    "InvoiceRequest": ["attachments"],
    "Weight": ["value", "unit"],
}

# Removed from Amazon's model, on 2025-08-04 and 2026-01-30; as they last were
# (docs/facts/messaging.md#removed-operations).
_REMOVED = {
    "createNegativeFeedbackRemoval": ("negativeFeedbackRemoval", None),
    "CreateAmazonMotors": ("amazonMotors", "CreateLegalDisclosureRequest"),
}


def contract(folder: Path) -> dict[str, Any]:
    """The whole contract: the operations that the records name, and the one that mints Restricted Data Tokens."""
    found: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    sources = [(api.model_file, api.sandbox, _wanted(api)) for api in apis().values()]
    for model_file, module, wanted in [*sources, (_TOKENS, None, None)]:
        model = load_model(folder / model_file)
        prefix = model_file.split(".")[0].split("_")[0]
        for operation in model.operations.values():
            if wanted is None or operation.operation_id in wanted:
                entry = _operation(prefix, model, operation, definitions)
                found[operation.operation_id] = {"module": module, **entry}
    message = found["createLegalDisclosure"]
    for name, (kind, body) in _REMOVED.items():
        path = message["path"].rsplit("/", 1)[0]
        reference = {"$ref": f"#/definitions/messaging.{body}"} if body else None
        found[name] = {**message, "path": f"{path}/{kind}", "body": reference}
    return {"operations": found, "definitions": definitions}


def _wanted(api: Api) -> set[str]:
    return {operation.operation_id for operation in operations((api.name,))}


def _operation(api: str, model: ModelFile, operation: ModelOperation, found: dict[str, Any]) -> dict[str, Any]:
    rate, burst = _RATES.get(operation.operation_id, (operation.rate, operation.burst))
    plain = [p for p in operation.parameters if p["in"] != "body"]
    return {
        "method": operation.method,
        "path": operation.path,
        "parameters": {
            p["name"]: {"in": p["in"], "required": p.get("required", False), **_schema(api, model, p, found)}
            for p in plain
        },
        "body": _schema(api, model, operation.body, found) if operation.body else None,
        "success": operation.success,
        "produces": operation.produces,
        "rate": rate,
        "burst": burst,
    }


def _schema(api: str, model: ModelFile, schema: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Structure without prose; definitions it leads to are put into `found` under the API's name."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        key = f"{api}.{name}"
        if key not in found:
            found[key] = {}
            found[key] = _schema(api, model, model.definitions[name], found)
            required = [*found[key].get("required", []), *_REQUIRED.get(name, [])]
            if required:
                found[key]["required"] = sorted(set(required))
        return {"$ref": f"#/definitions/{key}"}
    plain = {key: schema[key] for key in _STRUCTURE if key in schema}
    if schema.get("format") == "date-time":
        plain["format"] = "date-time"
    if schema.get("format") == "boolean":
        plain["enum"] = ["true", "false"]
    if schema.get("type") == "array":
        # Messaging writes the limits of its attachments as those of a text.
        for text, items in (("minLength", "minItems"), ("maxLength", "maxItems")):
            if text in plain:
                plain[items] = plain.pop(text)
        plain["items"] = _schema(api, model, schema["items"], found)
    if schema.get("type") == "boolean":
        plain = {"enum": ["true", "false", True, False]}
    if "properties" in schema:
        plain["properties"] = {name: _schema(api, model, sub, found) for name, sub in schema["properties"].items()}
        plain["additionalProperties"] = False
        if schema.get("required"):
            plain["required"] = sorted(schema["required"])
    return plain


def main() -> int:
    """Write the contract, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text = json.dumps(contract(options.path), indent=1, sort_keys=True) + "\n"
    if not options.check:
        CONTRACT.write_text(text, encoding="utf-8")
        print(f"wrote {CONTRACT.name}")
        return 0
    if not CONTRACT.exists() or CONTRACT.read_text(encoding="utf-8") != text:
        print(f"{CONTRACT.name} is out of date; run python tools/extract_contract.py PATH")
        return 1
    print(f"{CONTRACT.name} is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
