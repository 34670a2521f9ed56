"""Whose account it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True)
class Credentials:
    """What Login with Amazon needs for one selling partner in one region."""

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr

    def fingerprint(self) -> str:
        """A digest that tells accounts apart and cannot be turned back; for keys and comparisons."""
        material = f"{self.client_id}\0{self.refresh_token.get_secret_value()}"
        return hashlib.sha256(material.encode()).hexdigest()
