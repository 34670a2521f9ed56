"""Regions, their endpoints, and the marketplaces in them.

Source: docs/facts/sp-api.md#hosts, docs/facts/sp-api.md#marketplaces. The table of marketplaces is for guessing a
region and for naming a marketplace to a person; an id that is not in it may still be right, so nothing is refused
because of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Region = Literal["na", "eu", "fe"]
Environment = Literal["production", "sandbox", "local"]

REGIONS: tuple[Region, ...] = ("na", "eu", "fe")
TOKEN_ENDPOINT = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - a public address


@dataclass(frozen=True)
class Marketplace:
    """One Amazon store: its two-letter country code, English name and region."""

    country: str
    name: str
    region: Region


def _table(region: Region, rows: str) -> dict[str, Marketplace]:
    cells = (row.split(maxsplit=2) for row in rows.strip().splitlines())
    return {identifier: Marketplace(country, name, region) for identifier, country, name in cells}


MARKETPLACES: dict[str, Marketplace] = {
    **_table(
        "na",
        """
        A2EUQ1WTGCTBG2 CA Canada
        ATVPDKIKX0DER US United States
        A1AM78C64UM0Y8 MX Mexico
        A2Q3Y263D00KWC BR Brazil
        """,
    ),
    **_table(
        "eu",
        """
        A28R8C7NBKEWEA IE Ireland
        A1RKKUPIHCS9HS ES Spain
        A1F83G8C2ARO7P UK United Kingdom
        A13V1IB3VIYZZH FR France
        AMEN7PMS3EDWL BE Belgium
        A1805IZSGTT6HS NL Netherlands
        A1PA6795UKMFR9 DE Germany
        APJ6JRA9NG5V4 IT Italy
        A2NODRKZP88ZB9 SE Sweden
        AE08WJ6YKNBMC ZA South Africa
        A1C3SOZRARQ6R3 PL Poland
        ARBP9OOSHTCHU EG Egypt
        A33AVAJ2PDY3EV TR Türkiye
        A17E79C6D8DWNP SA Saudi Arabia
        A2VIGQ35RCS4UG AE United Arab Emirates
        A21TJRUUN4KGV IN India
        """,
    ),
    **_table(
        "fe",
        """
        A19VAU5U5O7RUS SG Singapore
        A39IBJ37TRP1C6 AU Australia
        A1VC38T7YXB528 JP Japan
        """,
    ),
}


def marketplace_name(identifier: str) -> str:
    """A marketplace id as a person would name it: `India (A21TJRUUN4KGV)`; unknown ids stay as they are."""
    known = MARKETPLACES.get(identifier)
    return f"{known.name} ({identifier})" if known else identifier


def endpoint(region: Region, environment: Environment) -> str:
    """The base URL of a region, without a trailing slash."""
    host = f"sellingpartnerapi-{region}.amazon.com"
    return f"https://sandbox.{host}" if environment == "sandbox" else f"https://{host}"
