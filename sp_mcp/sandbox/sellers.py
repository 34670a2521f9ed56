"""Sellers: whose account it is, and where it sells."""

from __future__ import annotations

from typing import Any

from sp_mcp.sandbox.state import NETHERLANDS, POLAND, UNITED_STATES, State

_MARKETPLACES = {
    "A21TJRUUN4KGV": ("Amazon.in", "IN", "INR", "en_IN"),
    POLAND: ("Amazon.pl", "PL", "PLN", "pl_PL"),
    NETHERLANDS: ("Amazon.nl", "NL", "EUR", "nl_NL"),
    UNITED_STATES: ("Amazon.com", "US", "USD", "en_US"),
}


def get_account(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Whose account the practice account is: nobody's."""
    address = {"addressLine1": "1 Practice Road", "city": "Sampletown", "postalCode": "000001", "countryCode": "IN"}
    return {
        "payload": {
            "businessType": "PRIVATE_LIMITED",
            "sellingPlan": "PROFESSIONAL",
            "business": {"name": "Practice store", "registeredBusinessAddress": address},
            "primaryContact": {"name": "Practice Seller", "address": address},
            "marketplaceParticipationList": get_marketplace_participations(state, call)["payload"],
        }
    }


def get_marketplace_participations(_: State, __: dict[str, Any]) -> dict[str, Any]:
    """Where the practice account sells."""
    return {
        "payload": [
            {
                "marketplace": {
                    "id": identifier,
                    "name": name,
                    "countryCode": country,
                    "defaultCurrencyCode": currency,
                    "defaultLanguageCode": language,
                    "domainName": f"www.{name.lower()}",
                },
                "storeName": "Practice store",
                "participation": {"isParticipating": True, "hasSuspendedListings": False},
            }
            for identifier, (name, country, currency, language) in _MARKETPLACES.items()
        ]
    }


ANSWERS = {
    "getAccount": get_account,
    "getMarketplaceParticipations": get_marketplace_participations,
}
"""How each operation is answered, by Amazon's name for it."""
