"""The local Selling Partner's companions: orders, files by presigned URL, documents, transactions, reviews."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest

from sp_mcp.sandbox.feeds import FEED_SECONDS
from sp_mcp.sandbox.practice import (
    AMERICAN_ORDERS,
    ORDER_TO_MESSAGE,
    ORDERS_TO_SCHEDULE,
    PENDING_ORDER,
    SCHEDULED_ORDER,
)
from sp_mcp.sandbox.state import stamp
from sp_mcp.sandbox.vendor_transactions import PROCESSING_SECONDS
from tests.caller import Caller, code
from tests.calls import IN, US

pytestmark = pytest.mark.anyio

PDF = b"%PDF-1.4 an invoice"
ORDERS = "/orders/2026-01-01/orders"
SOLICITATIONS = f"/solicitations/v1/orders/{AMERICAN_ORDERS[0]}"


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()  # noqa: S324


async def destination(caller: Caller, kind: str = "invoice", content: bytes = PDF, **query: str) -> Any:
    path = f"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{ORDER_TO_MESSAGE}/messages/{kind}"
    return await caller.call("POST", path, params={"marketplaceIds": IN, "contentMD5": md5(content), **query})


async def attach(caller: Caller, identifier: str, kind: str = "invoice") -> tuple[int, str]:
    file = {"uploadDestinationId": identifier, "fileName": "invoice.pdf"}
    answer = await caller.message(kind, ORDER_TO_MESSAGE, attachments=[file])
    return (201, "") if answer.status_code == 201 else code(answer)


def storage_code(answer: Any) -> tuple[int, str]:
    found = re.search(r"<Code>(\w+)</Code>", answer.text)
    assert found
    return answer.status_code, found.group(1)


async def test_a_file_put_as_agreed_can_be_attached_to_that_message_and_no_other(caller):
    answer = await destination(caller)
    assert answer.status_code == 201
    place = answer.json()["payload"]
    assert await attach(caller, place["uploadDestinationId"]) == (400, "InvalidInput")
    stored = await caller.http.put(place["url"], headers=place["headers"], content=PDF)
    assert stored.status_code == 200
    assert await attach(caller, place["uploadDestinationId"], "warranty") == (400, "InvalidInput")
    assert await attach(caller, place["uploadDestinationId"]) == (201, "")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"method": "POST"}, (405, "MethodNotAllowed")),
        ({"content": b"other bytes"}, (400, "BadDigest")),
        ({"without": "Content-MD5"}, (403, "SignatureDoesNotMatch")),
        ({"without": "x-amz-server-side-encryption"}, (403, "SignatureDoesNotMatch")),
        ({"extra": {"x-amz-access-token": "Atza|x"}}, (400, "InvalidArgument")),
        ({"extra": {"authorization": "Bearer x"}}, (400, "InvalidArgument")),
        ({"late": 900}, (403, "AccessDenied")),
        ({"elsewhere": True}, (404, "NoSuchKey")),
    ],
    ids=lambda value: str(value),
)
async def test_the_storage_turns_away_what_was_not_agreed(caller, change, refused):
    place = (await destination(caller)).json()["payload"]
    headers = {name: value for name, value in place["headers"].items() if name != change.get("without")}
    caller.clock.advance(change.get("late", 0))
    answer = await caller.http.request(
        change.get("method", "PUT"),
        place["url"].replace("/_storage/", "/_storage/x") if change.get("elsewhere") else place["url"],
        headers={**headers, **change.get("extra", {})},
        content=change.get("content", PDF),
    )
    assert storage_code(answer) == refused


@pytest.mark.parametrize(
    ("resource", "query", "refused"),
    [
        ("messaging", {}, (403, "Unauthorized")),
        (f"messaging/v1/orders/{ORDER_TO_MESSAGE}", {}, (403, "Unauthorized")),
        ("messaging/v1/orders/403-9-9/messages/invoice", {}, (404, "NotFound")),
        (f"messaging/v1/orders/{ORDER_TO_MESSAGE}/messages/invoice", {"contentMD5": "abc"}, (400, "InvalidInput")),
        (
            f"messaging/v1/orders/{ORDER_TO_MESSAGE}/messages/invoice",
            {"contentMD5": base64.b64encode(hashlib.md5(PDF).hexdigest().encode()).decode()},  # noqa: S324
            (400, "InvalidInput"),
        ),
    ],
)
async def test_an_upload_is_for_a_message_of_an_order_and_names_the_md5_in_base64(caller, resource, query, refused):
    params = {"marketplaceIds": IN, "contentMD5": md5(PDF), **query}
    answer = await caller.call("POST", f"/uploads/2020-11-01/uploadDestinations/{resource}", params=params)
    assert code(answer) == refused


async def documents(caller: Caller, order: str, **options: str) -> Any:
    """Asks for documents and answers the feed's id."""
    media_type = "text/xml; charset=UTF-8"
    made = (await caller.call("POST", "/feeds/2021-06-30/documents", json={"contentType": media_type})).json()
    xml = (
        "<AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion></Header>"
        f"<MessageType>EasyShipDocument</MessageType><Message><EasyShipDocument><AmazonOrderID>{order}</AmazonOrderID>"
        "</EasyShipDocument></Message></AmazonEnvelope>"
    )
    stored = await caller.http.put(made["url"], headers={"content-type": media_type}, content=xml.encode())
    assert stored.status_code == 200
    body = {
        "feedType": "POST_EASYSHIP_DOCUMENTS",
        "marketplaceIds": [IN],
        "inputFeedDocumentId": made["feedDocumentId"],
        "feedOptions": {"AmazonOrderId": order, **options},
    }
    answer = await caller.call("POST", "/feeds/2021-06-30/feeds", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["feedId"]


async def feed(caller: Caller, identifier: str) -> Any:
    return (await caller.call("GET", f"/feeds/2021-06-30/feeds/{identifier}")).json()


async def test_documents_come_by_feed_report_and_a_token_for_exactly_their_path(caller):
    identifier = await documents(caller, SCHEDULED_ORDER, DocumentType="ShippingLabel")
    assert (await feed(caller, identifier))["processingStatus"] == "IN_PROGRESS"
    caller.clock.advance(FEED_SECONDS)
    done = await feed(caller, identifier)
    assert done["processingStatus"] == "DONE"
    result = (await caller.call("GET", f"/feeds/2021-06-30/documents/{done['resultFeedDocumentId']}")).json()
    xml = gzip.decompress((await caller.http.get(result["url"])).content).decode()
    (report,) = re.findall(r"<DocumentReportReferenceID>([^<]+)<", xml)
    known = (await caller.call("GET", f"/reports/2021-06-30/reports/{report}")).json()
    path = f"/reports/2021-06-30/documents/{known['reportDocumentId']}"
    assert code(await caller.call("GET", path)) == (403, "Unauthorized")
    elsewhere = await caller.restricted("GET", "/reports/2021-06-30/documents/other")
    assert code(await caller.call("GET", path, elsewhere)) == (403, "Unauthorized")
    found = (await caller.call("GET", path, await caller.restricted("GET", path))).json()
    assert found["compressionAlgorithm"] == "GZIP"
    assert gzip.decompress((await caller.http.get(found["url"])).content).startswith(b"%PDF-")


async def test_there_are_no_documents_for_an_order_that_is_not_scheduled(caller):
    identifier = await documents(caller, ORDERS_TO_SCHEDULE[0])
    caller.clock.advance(FEED_SECONDS)
    assert (await feed(caller, identifier))["processingStatus"] == "FATAL"


async def test_a_feed_without_its_content_is_refused(caller):
    made = (await caller.call("POST", "/feeds/2021-06-30/documents", json={"contentType": "text/xml"})).json()
    body = {
        "feedType": "POST_EASYSHIP_DOCUMENTS",
        "marketplaceIds": [IN],
        "inputFeedDocumentId": made["feedDocumentId"],
    }
    assert code(await caller.call("POST", "/feeds/2021-06-30/feeds", json=body)) == (400, "InvalidInput")


async def test_orders_are_found_in_pages_by_time_and_status_and_tell_where_easy_ship_stands(caller):
    since = stamp(caller.clock.now() - timedelta(days=3))
    query = {
        "createdAfter": since,
        "fulfillmentStatuses": "UNSHIPPED",
        "includedData": "PACKAGES",
        "marketplaceIds": IN,
    }
    first = (await caller.call("GET", ORDERS, params={**query, "maxResultsPerPage": 4})).json()
    token = first["pagination"]["nextToken"]
    second = (
        await caller.call("GET", ORDERS, params={**query, "maxResultsPerPage": 4, "paginationToken": token})
    ).json()
    found = [*first["orders"], *second["orders"]]
    waiting = [
        order["orderId"]
        for order in found
        if order["packages"][0]["packageStatus"]["detailedStatus"] == "PENDING_SCHEDULE"
    ]
    assert waiting == list(ORDERS_TO_SCHEDULE)
    assert SCHEDULED_ORDER in {order["orderId"] for order in found}
    assert PENDING_ORDER not in {order["orderId"] for order in found}
    other = await caller.call("GET", ORDERS, params={"createdAfter": since, "paginationToken": token})
    assert code(other) == (400, "InvalidInput")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": "2026-05-01T00:00:00Z", "lastUpdatedAfter": "2026-05-01T00:00:00Z"},
        {"createdAfter": "2026-05-01T00:00:00Z", "createdBefore": "2026-05-04T09:29:00Z"},
        {"createdAfter": "2026-05-01T00:00:00Z", "paginationToken": "x"},
    ],
)
async def test_a_search_for_orders_takes_one_window_that_ended_two_minutes_ago(caller, query):
    assert code(await caller.call("GET", ORDERS, params=query)) == (400, "InvalidInput")


async def test_who_bought_and_where_it_goes_are_told_only_when_asked_for(caller):
    path = f"{ORDERS}/{ORDER_TO_MESSAGE}"
    plain = (await caller.call("GET", path)).json()["order"]
    assert not plain.keys() & {"buyer", "recipient", "packages"}
    full = (await caller.call("GET", path, params={"includedData": "BUYER,RECIPIENT,PACKAGES"})).json()["order"]
    assert {"buyer", "recipient", "packages"} <= full.keys()
    assert code(await caller.call("GET", f"{ORDERS}/403-0-0")) == (404, "NotFound")


async def test_a_buyer_is_asked_for_a_review_once(caller):
    query = {"marketplaceIds": US}
    offered = (await caller.call("GET", SOLICITATIONS, params=query)).json()["_links"]["actions"]
    (name,) = [action["name"] for action in offered]
    asked = await caller.call("POST", f"{SOLICITATIONS}/solicitations/{name}", params=query)
    assert (asked.status_code, asked.json()) == (201, {})
    assert (await caller.call("GET", SOLICITATIONS, params=query)).json()["_links"]["actions"] == []
    again = await caller.call("POST", f"{SOLICITATIONS}/solicitations/{name}", params=query)
    assert code(again) == (403, "Unauthorized")
    elsewhere = await caller.call("GET", SOLICITATIONS, params={"marketplaceIds": IN})
    assert code(elsewhere) == (404, "NotFound")


async def acknowledge(caller: Caller, number: str) -> str:
    item = {
        "itemSequenceNumber": "1",
        "orderedQuantity": {"amount": 6},
        "netCost": {"currencyCode": "USD", "amount": "89.00"},
        "itemAcknowledgements": [{"acknowledgementCode": "Accepted", "acknowledgedQuantity": {"amount": 6}}],
    }
    body = {
        "acknowledgements": [
            {
                "purchaseOrderNumber": number,
                "sellingParty": {"partyId": "ACME1"},
                "acknowledgementDate": "2026-05-04T09:30:00Z",
                "items": [item],
            }
        ]
    }
    answer = await caller.call("POST", "/vendor/orders/v1/acknowledgements", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["payload"]["transactionId"])


async def test_a_transaction_takes_its_time_may_fail_and_every_second_one_stays_in_processing(caller):
    ids = [await acknowledge(caller, number) for number in ("5K81QDEF", "5K81QDEF", "NO-SUCH1")]

    async def states() -> list[str]:
        return [
            (await caller.call("GET", f"/vendor/transactions/v1/transactions/{id}")).json()["payload"][
                "transactionStatus"
            ]["status"]
            for id in ids
        ]

    assert await states() == ["Processing"] * 3
    caller.clock.advance(PROCESSING_SECONDS)
    assert await states() == ["Success", "Processing", "Failure"]
    unknown = await caller.call("GET", "/vendor/transactions/v1/transactions/t-0")
    assert code(unknown) == (404, "NotFound")


async def test_the_account_tells_where_it_sells(caller):
    answer = (await caller.call("GET", "/sellers/v1/marketplaceParticipations")).json()
    assert {entry["marketplace"]["id"] for entry in answer["payload"]} >= {IN, US}
