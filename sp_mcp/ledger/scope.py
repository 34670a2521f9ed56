"""The account whose changes a ledger records, and the digests by which it recognises a change."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sp_mcp.ledger.entry import Intent


@dataclass(frozen=True)
class LedgerScope:
    """The account whose changes a ledger records. `key` is unique to it, and `label` names it to people.

    `endpoint` is the base URL that serves the account. `epoch` is random per process for the in-process sandbox, which
    forgets everything when it ends, and empty elsewhere. A change at another endpoint or in another epoch is never an
    earlier change of this scope.
    """

    key: str = field(repr=False)
    label: str
    environment: str
    endpoint: str
    epoch: str = ""

    def dedup_digest(self, intent: Intent) -> str:
        """Returns the digest by which a repeated change is recognised. The change cannot be derived from it."""
        return self._digest(intent.operation, intent.dedup_key, self.epoch)

    def consent_digest(self, intent: Intent) -> str:
        """Returns the digest that a consent is bound to: all arguments as they are sent, without the epoch."""
        return self._digest(intent.operation, intent.wire, "")

    def stored_account(self, salt: str) -> str:
        """Returns the account's salted name for rows."""
        return _salted(salt, self.key)

    def stored_endpoint(self, salt: str) -> str:
        """Returns the salted name of endpoint and epoch for rows."""
        return _salted(salt, f"{self.endpoint} {self.epoch}")

    def _digest(self, operation: str, call: Mapping[str, Any], epoch: str) -> str:
        material = json.dumps(
            [operation, call, self.key, self.environment, self.endpoint, epoch],
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(material.encode()).hexdigest()


def _salted(salt: str, value: str) -> str:
    return hmac.new(salt.encode(), value.encode(), hashlib.sha256).hexdigest()[:24]
