"""Labels, invoices and warranties on their way to this machine."""

from __future__ import annotations

import gzip
import io
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from sp_mcp.sandbox import label_files as made_up
from sp_mcp.sandbox.practice import ORDERS_TO_SCHEDULE, POLISH_ORDERS, SCHEDULED_ORDER
from sp_mcp.storage.files import MB
from sp_mcp.workflows.job_progress import FILE
from tests.calls import IN
from tests.fakes import Person, Wire, World, all_at_once, data_of, refusal, reply, text_of

pytestmark = pytest.mark.anyio

GET = "easy_ship_get_documents"
SAVE = "easy_ship_save_bulk_documents"
WANTED = {"amazonOrderId": SCHEDULED_ORDER, "marketplaceId": IN}
POLAND = "A1C3SOZRARQ6R3"
STORED = "https://d.s3.amazonaws.com"


def asked(world: World, operation_id: str) -> int:
    """How often an operation arrived at the local Selling Partner."""
    return sum(received.operation_id == operation_id for received in world.sandbox.received)


def links(result: Any) -> list[Any]:
    return [block for block in result.content if block.type == "resource_link"]


async def test_the_documents_of_a_scheduled_order_are_saved_and_linked_with_type_and_size(local, era, tmp_path):
    async with local.client(era) as client:
        result = await client.call_tool(GET, WANTED)
    answer = data_of(result)
    assert answer["status"] == "DONE"
    assert [document["type"] for document in answer["documents"]] == ["ShippingLabel", "Invoice"]
    for document, link in zip(answer["documents"], links(result), strict=True):
        path = Path(document["file"])
        assert path.parent == tmp_path / "downloads"
        assert path.name == f"{SCHEDULED_ORDER}-{document['type']}.pdf"
        assert path.read_bytes() == made_up.pdf(SCHEDULED_ORDER, document["type"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (link.uri, link.mime_type, link.size) == (path.as_uri(), "application/pdf", path.stat().st_size)


async def test_each_step_takes_its_turn_and_only_the_report_document_takes_a_restricted_token(local):
    async with local.client() as client:
        data_of(await client.call_tool(GET, {**WANTED, "documentType": "Invoice"}))
    steps = [received.operation_id for received in local.sandbox.received]
    once = list(dict.fromkeys(steps))
    assert once == [
        "getScheduledPackage",
        "createFeedDocument",
        "createFeed",
        "getFeed",
        "getFeedDocument",
        "getReport",
        "createRestrictedDataToken",
        "getReportDocument",
    ]
    tokens = {received.operation_id: received.token for received in local.sandbox.received}
    assert {name for name, token in tokens.items() if token == "rdt"} == {"getReportDocument"}
    assert asked(local, "createFeed") == 1


async def test_an_order_that_is_not_scheduled_costs_no_feed(local, era):
    async with local.client(era) as client:
        result = await client.call_tool(GET, {**WANTED, "amazonOrderId": ORDERS_TO_SCHEDULE[0]})
    assert result.is_error
    assert "An order that is not scheduled has no package yet" in text_of(result)
    assert asked(local, "createFeed") == 0


async def test_where_only_bulk_bookings_exist_the_answer_names_the_other_tool(local):
    async with local.client() as client:
        result = await client.call_tool(GET, {"amazonOrderId": POLISH_ORDERS[0], "marketplaceId": POLAND})
    assert SAVE in text_of(result)


async def test_what_takes_longer_than_a_call_goes_on_where_it_stopped(make_world, era, monkeypatch):
    monkeypatch.setattr("sp_mcp.sandbox.feeds.FEED_SECONDS", 100)
    world = make_world(SP_MCP_MAX_WAIT="45")
    async with world.client(era) as client:
        started = world.clock.monotonic()
        first = await client.call_tool(GET, WANTED)
        assert data_of(first) == {"status": "IN_PROGRESS", "documents": []}
        assert "Call again with the same arguments in about a minute" in text_of(first)
        assert world.clock.monotonic() - started <= 45
        assert data_of(await client.call_tool(GET, WANTED))["status"] == "IN_PROGRESS"
        assert len(data_of(await client.call_tool(GET, WANTED))["documents"]) == 2
        again = await client.call_tool(GET, WANTED)
        assert len(links(again)) == 2
    assert asked(world, "createFeed") == 1
    assert asked(world, "getReportDocument") == 2


async def test_another_process_goes_on_too(make_world, tmp_path):
    answers: dict[str, list[Any]] = scripted(states=["IN_PROGRESS"] * 40 + ["DONE"])
    world = make_world(Wire(answers))
    async with world.client() as client:
        assert data_of(await client.call_tool(GET, WANTED))["status"] == "IN_PROGRESS"
    results: list[dict[str, Any]] = []
    async with world.client() as client:
        while not results or results[-1]["status"] != "DONE":
            results.append(data_of(await client.call_tool(GET, WANTED)))
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 1
    assert Path(results[-1]["documents"][0]["file"]).read_bytes() == b"%PDF-1.4 label"


def scripted(states: list[str] | None = None, **changes: Any) -> dict[str, list[Any]]:
    """An Amazon with one document."""
    xml = "<r><DocumentReportReferenceID>amzn1.easyship.document.1</DocumentReportReferenceID></r>"
    answers: dict[str, Any] = {
        "/package": {"scheduledPackageId": {"amazonOrderId": SCHEDULED_ORDER, "packageId": "p"}},
        "/feeds/2021-06-30/documents": reply(201, {"feedDocumentId": "in.1", "url": f"{STORED}/in"}),
        "/in": reply(200),
        "/feeds/2021-06-30/feeds": reply(202, {"feedId": "7"}),
        "/documents/out.1": {"feedDocumentId": "out.1", "url": f"{STORED}/out"},
        "/out": reply(200, xml),
        "/reports/amzn1.easyship.document.1": {
            "reportId": "amzn1.easyship.document.1",
            "processingStatus": "DONE",
            "reportDocumentId": "doc.1",
        },
        "/restrictedDataToken": {"restrictedDataToken": "Atz.sprdt|marked", "expiresIn": 3600},
        "/documents/doc.1": {"reportDocumentId": "doc.1", "url": f"{STORED}/pdf?X-Amz-Signature=marked-signature"},
        "/pdf": reply(200, b"%PDF-1.4 label"),
        **changes,
    }
    script = {end: [answer] for end, answer in answers.items()}
    script["/feeds/7"] = [
        {"feedId": "7", "processingStatus": state, "resultFeedDocumentId": "out.1"} for state in states or ["DONE"]
    ]
    return script


async def test_what_is_sent_to_amazon_is_what_it_documents(make_world):
    world = make_world(Wire(scripted()), SP_API_MERCHANT_ID="A1B2C3D4E5")
    async with world.client() as client:
        data_of(await client.call_tool(GET, {**WANTED, "documentType": "ShippingLabel"}))
    (put,) = [request for request in world.wire.requests() if request.method == "PUT"]
    assert put.headers["content-type"] == "text/xml; charset=UTF-8"
    assert "x-amz-access-token" not in put.headers
    assert put.content.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion>'
        "<MerchantIdentifier>A1B2C3D4E5</MerchantIdentifier></Header><MessageType>EasyShipDocument</MessageType>"
        f"<Message><MessageID>1</MessageID><EasyShipDocument><AmazonOrderID>{SCHEDULED_ORDER}</AmazonOrderID>"
        "<DocumentType>ShippingLabel</DocumentType></EasyShipDocument></Message></AmazonEnvelope>"
    )
    (feed,) = world.wire.requests("/feeds/2021-06-30/feeds")
    assert b'"feedOptions":{"AmazonOrderId":"403-1000006-1000006","DocumentType":"ShippingLabel"}' in feed.content
    (token,) = world.wire.requests("/restrictedDataToken")
    assert b'{"method":"GET","path":"/reports/2021-06-30/documents/doc.1"}' in token.content
    (fetched,) = world.wire.requests("/pdf")
    assert "x-amz-access-token" not in fetched.headers


async def test_calls_that_run_beside_each_other_share_one_feed(local):
    async with local.client() as client:
        results = await all_at_once(client, GET, [WANTED] * 3)
    assert {len(data_of(result)["documents"]) for result in results} == {2}
    assert asked(local, "createFeed") == 1


async def test_a_moved_package_has_another_label(local):
    async with local.client(person=Person()) as client:
        data_of(await client.call_tool(GET, WANTED))
        slots = data_of(
            await client.call_tool(
                "easy_ship_list_handover_slots",
                {
                    **WANTED,
                    "packageDimensions": {"length": 20, "width": 10, "height": 5, "unit": "cm"},
                    "packageWeight": {"value": 400, "unit": "g"},
                },
            )
        )["timeSlots"]
        move = {"scheduledPackageId": {"amazonOrderId": SCHEDULED_ORDER}, "packageTimeSlot": slots[0]}
        call = {"marketplaceId": IN, "updatePackageDetailsList": [move]}
        data_of(await client.call_tool("easy_ship_update_scheduled_packages", call))
        data_of(await client.call_tool(GET, WANTED))
    assert asked(local, "createFeed") == 2


async def test_a_document_that_was_removed_is_fetched_again_without_a_feed(local):
    async with local.client() as client:
        first = data_of(await client.call_tool(GET, WANTED))
        Path(first["documents"][0]["file"]).unlink()
        assert data_of(await client.call_tool(GET, WANTED)) == first
    assert asked(local, "createFeed") == 1
    assert asked(local, "getReportDocument") == 3


async def test_a_feed_that_ended_badly_is_told_and_made_anew_next_time(make_world):
    script = scripted(states=["FATAL", "DONE"])
    script["/feeds/7"][0].pop("resultFeedDocumentId")
    world = make_world(Wire(script))
    async with world.client() as client:
        result = await client.call_tool(GET, WANTED)
        assert "Amazon made no documents" in text_of(result)
        assert "FATAL" in text_of(result)
        assert "SP_API_MERCHANT_ID is not set" in text_of(result)
        data_of(await client.call_tool(GET, WANTED))
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"/in": reply(403, "<Error><Code>AccessDenied</Code></Error>")}, "refused the file (403, AccessDenied)"),
        ({"/feeds/2021-06-30/documents": reply(201, {"feedDocumentId": "in.1"})}, "holds no URL for the feed"),
        ({"/feeds/2021-06-30/feeds": refusal(403, "Unauthorized")}, "feeds_create_feed: Amazon answered 403"),
        ({"/out": reply(200, "<r><ResultDescription>No such order.</ResultDescription></r>")}, "No such order."),
        ({"/out": reply(200, b"\xff\x00")}, "Amazon made no documents"),
        ({"/out": reply(200, b"x" * (MB + 1))}, "longer than 1 MB"),
        (
            {"/reports/amzn1.easyship.document.1": {"reportId": "r", "processingStatus": "CANCELLED"}},
            "could not make the Document (CANCELLED)",
        ),
        (
            {"/out": reply(200, "<DocumentReportReferenceID>a%2Fb</DocumentReportReferenceID>")},
            "does not accept values of an earlier answer",
        ),
        ({"/pdf": reply(200, b"")}, "neither PDF, ZPL nor an image"),
        ({"/pdf": reply(200, b"<html>Sorry</html>")}, "neither PDF, ZPL nor an image"),
        ({"/feeds/7x": {}, "/documents/out.1": refusal(404, "NotFound")}, "Call again to start from the beginning"),
        ({"/documents/doc.1": {"reportDocumentId": "doc.1"}}, "holds no URL of the document"),
        ({"/documents/doc.1": {"reportDocumentId": "doc.1", "url": "https://evil.example/x"}}, "does not lead to"),
        (
            {
                "/documents/doc.1": {"reportDocumentId": "d", "url": f"{STORED}/pdf", "compressionAlgorithm": "GZIP"},
                "/pdf": reply(200, b"\x1f\x8b broken"),
            },
            "could not be unpacked",
        ),
        ({"/pdf": reply(404, "<Error><Code>NoSuchKey</Code></Error>")}, "did not return the file (404, NoSuchKey)"),
        ({"/pdf": ConnectionError("marked")}, "could not be fetched"),
    ],
)
async def test_every_step_that_fails_says_which_and_saves_nothing(make_world, tmp_path, changes, words):
    world = make_world(Wire(scripted(**changes)))
    async with world.client() as client:
        result = await client.call_tool(GET, WANTED)
    assert result.is_error
    assert words in text_of(result), text_of(result)
    assert "marked" not in text_of(result)
    assert not (tmp_path / "downloads").exists()


async def test_a_folder_that_cannot_be_written_is_named_and_the_feed_is_not_lost(make_world, tmp_path):
    (tmp_path / "downloads").write_text("in the way")
    world = make_world(Wire(scripted()))
    async with world.client() as client:
        assert "SP_MCP_DOWNLOAD_DIR" in text_of(await client.call_tool(GET, WANTED))
        (tmp_path / "downloads").unlink()
        data_of(await client.call_tool(GET, WANTED))
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 1


async def test_a_state_folder_that_cannot_be_used_costs_nothing_in_the_same_process(make_world, tmp_path, caplog):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / FILE).write_bytes(b"not a database, and longer than its header would be" * 9)
    world = make_world(Wire(scripted()))
    async with world.client() as client:
        data_of(await client.call_tool(GET, WANTED))
        data_of(await client.call_tool(GET, WANTED))
    assert "kept in this process only" in caplog.text
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 1


async def test_progress_that_another_version_wrote_otherwise_is_not_gone_by(make_world, tmp_path):
    world = make_world(Wire(scripted()))
    async with world.client() as client:
        data_of(await client.call_tool(GET, WANTED))
    for odd in ("[]", "5", "null", '{"feed": 7}', '{"feed": "7", "reports": "x"}', '{"files": {"a": 1}}'):
        with closing(sqlite3.connect(tmp_path / "state" / FILE)) as database, database:
            database.execute("UPDATE bookmarks SET place = ?", (odd,))
        async with world.client() as client:
            assert data_of(await client.call_tool(GET, WANTED))["status"] == "DONE"


async def test_a_call_that_is_given_up_leaves_its_feed_to_the_next(make_world):
    world = make_world(Wire(scripted(states=["IN_PROGRESS", "DONE"])))

    async def progress(_: float, __: float | None, message: str | None) -> None:
        if "IN_PROGRESS" in (message or ""):
            scope.cancel()

    async with world.client() as client:
        with anyio.CancelScope() as scope:
            await client.call_tool(GET, WANTED, progress_callback=progress)
        data_of(await client.call_tool(GET, WANTED))
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 1


async def test_one_document_that_cannot_be_made_does_not_keep_back_the_others(make_world):
    xml = "".join(
        f"<DocumentType>{kind}</DocumentType><DocumentReportReferenceID>r{n}</DocumentReportReferenceID>"
        for n, kind in enumerate(("Warranty", "ShippingLabel"))
    )
    dead = {"reportId": "r0", "processingStatus": "CANCELLED"}
    done = {"reportId": "r1", "processingStatus": "DONE", "reportDocumentId": "doc.1"}
    changes: dict[str, Any] = {"/out": reply(200, xml), "/reports/r0": dead, "/reports/r1": done}
    async with make_world(Wire(scripted(**changes))).client() as client:
        answer = data_of(await client.call_tool(GET, WANTED))
    assert [document["type"] for document in answer["documents"]] == ["ShippingLabel"]
    assert answer["notMade"] == [{"type": "Warranty", "reason": "Amazon could not make the Warranty (CANCELLED)"}]


async def test_a_feed_that_amazon_does_not_know_any_more_is_made_anew(make_world):
    script = scripted()
    script["/feeds/7"] = [refusal(404, "NotFound"), *script["/feeds/7"]]
    world = make_world(Wire(script))
    async with world.client() as client:
        assert "Call again to start from the beginning" in text_of(await client.call_tool(GET, WANTED))
        data_of(await client.call_tool(GET, WANTED))
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 2


async def test_a_refusal_for_want_of_a_role_does_not_cost_the_feed(make_world):
    script = scripted()
    script["/documents/doc.1"] = [refusal(403, "Unauthorized"), *script["/documents/doc.1"]]
    world = make_world(Wire(script))
    async with world.client() as client:
        assert "reports_get_report_document: Amazon answered 403" in text_of(await client.call_tool(GET, WANTED))
        data_of(await client.call_tool(GET, WANTED))
    assert len(world.wire.requests("/feeds/2021-06-30/feeds")) == 1


async def test_a_packed_file_of_two_members_is_whole_and_one_unpacked_on_the_way_is_taken_as_it_is(make_world):
    place = {"reportDocumentId": "doc.1", "url": f"{STORED}/pdf", "compressionAlgorithm": "GZIP"}
    twice = gzip.compress(b"%PDF-1.4 first ") + gzip.compress(b"second")
    on_the_way = reply(200, gzip.compress(b"%PDF-1.4 once"), content_encoding="gzip")
    for content, whole in ((reply(200, twice), b"%PDF-1.4 first second"), (on_the_way, b"%PDF-1.4 once")):
        changes: dict[str, Any] = {"/documents/doc.1": place, "/pdf": content}
        world = make_world(Wire(scripted(**changes)))
        world.settings = world.settings.model_copy(update={"state_dir": world.settings.state_dir / str(len(whole))})
        async with world.client() as client:
            (document,) = data_of(await client.call_tool(GET, WANTED))["documents"]
        assert Path(document["file"]).read_bytes() == whole


async def test_documents_lie_in_the_downloads_folder_unless_told_otherwise(make_world, monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_downloads_path", lambda: tmp_path / "Downloads")
    world = make_world(SP_MCP_DOWNLOAD_DIR="")
    async with world.client() as client:
        (first, _) = data_of(await client.call_tool(GET, WANTED))["documents"]
    assert Path(first["file"]).parent == tmp_path / "Downloads" / "sp-mcp"


async def booked(client: Any) -> str:
    """Books the Polish orders and answers where their documents are."""
    orders = [{"amazonOrderId": order} for order in POLISH_ORDERS]
    call = {"marketplaceId": POLAND, "orderScheduleDetailsList": orders, "labelFormat": "ZPL"}
    answer = data_of(await client.call_tool("easy_ship_create_scheduled_package_bulk", call))
    return str(answer["printableDocumentsUrl"])


async def test_the_documents_of_a_bulk_booking_are_unpacked_and_linked(local, era, tmp_path):
    async with local.client(era, Person()) as client:
        url = await booked(client)
        result = await client.call_tool(SAVE, {"printableDocumentsUrl": url})
        again = await client.call_tool(SAVE, {"printableDocumentsUrl": url})
    names = {Path(document["file"]).name for document in data_of(result)["documents"]}
    assert names == {f"{order}-{name}" for order in POLISH_ORDERS for name in ("label.zpl", "invoice.pdf")}
    assert {link.mime_type for link in links(result)} == {"text/plain", "application/pdf"}
    assert data_of(again) == data_of(result)
    assert len(list((tmp_path / "downloads").iterdir())) == 4


async def test_an_archive_that_has_expired_is_told(local):
    async with local.client(person=Person()) as client:
        url = await booked(client)
        local.clock.advance(301)
        result = await client.call_tool(SAVE, {"printableDocumentsUrl": url})
    assert "did not return the file (403, AccessDenied)" in text_of(result)


def packed(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in files.items():
            archive.writestr(name, inner)
    return content.getvalue()


def linked() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("label.pdf")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return content.getvalue()


async def saved(make_world: Any, content: Any, url: str = f"{STORED}/zip") -> Any:
    booking = {"scheduledPackages": [], "printableDocumentsUrl": url}
    token = {"restrictedDataToken": "t", "expiresIn": 3600}
    answers: dict[str, list[Any]] = {
        "/restrictedDataToken": [token],
        "/packages/bulk": [booking],
        "/zip": [content],
    }
    world = make_world(Wire(answers))
    async with world.client(person=Person()) as client:
        assert await booked(client) == url
        return await client.call_tool(SAVE, {"printableDocumentsUrl": url})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "no archive"),
        (packed(**{"a.pdf": b"%PDF-"})[:-30], "no archive"),
        (packed(), "No document of the archive was saved."),
        (packed(**{"run.exe": b"MZ"}), "neither PDF, ZPL nor an image"),
        (packed(**{f"d{n}/": b"" for n in range(2000)}), "more than 400 files"),
        (b"PK" + packed(**{"a.pdf": b"%PDF-" + b"0" * 999})[2:80] + b"\0" * 99, "no archive"),
        (packed(**{f"{n}.pdf": b"%PDF-" for n in range(401)}), "more than 400 files"),
        (packed(**{"bomb.pdf": b"%PDF-" + b"0" * 61 * MB}), "more than 60 MB"),
        (linked(), "links"),
        (b"0" * (20 * MB + 1), "longer than 20 MB"),
    ],
    ids=["garbage", "cut", "empty", "program", "folders", "damaged", "many", "bomb", "link", "long"],
)
async def test_an_archive_that_cannot_be_trusted_is_refused_and_saves_nothing(make_world, tmp_path, content, words):
    result = await saved(make_world, reply(200, content))
    assert result.is_error
    assert words in text_of(result), text_of(result)
    assert not (tmp_path / "downloads").exists()


async def test_names_in_an_archive_cannot_lead_out_of_the_folder(make_world, tmp_path):
    names = [
        "../../out.pdf",
        "/etc/abs.pdf",
        "..\\win.pdf",
        "a/../b.pdf",
        ".hidden.pdf",
        "con:x.pdf",
        "../..",
        "ü .pdf",
    ]
    result = await saved(make_world, reply(200, packed(**{name: b"%PDF-" + name.encode() for name in names})))
    paths = {Path(document["file"]) for document in data_of(result)["documents"]}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {tmp_path / "downloads"}
    assert sorted(path.name for path in tmp_path.rglob("*.pdf")) == sorted(path.name for path in paths)


async def test_what_is_no_document_stays_in_the_archive_and_is_named(make_world):
    files = {"label.pdf": b"%PDF-", "run.exe": b"MZ", f"{'n' * 300}.zpl": b"\xef\xbb\xbf^XA^XZ"}
    result = await saved(make_world, reply(200, packed(**files)))
    assert [entry["name"] for entry in data_of(result)["notSaved"]] == ["run.exe"]
    names = [Path(document["file"]).name for document in data_of(result)["documents"]]
    assert names[0] == "label.pdf"
    assert len(names[1]) < 130
    assert names[1].endswith(".zpl")


async def test_only_what_a_booking_of_this_account_named_is_fetched(make_world):
    wire = Wire({"/zip": [reply(200, packed(**{"label.pdf": b"%PDF-"}))]})
    world = make_world(wire, SP_MCP_READ_ONLY="1")
    async with world.client() as client:
        result = await client.call_tool(SAVE, {"printableDocumentsUrl": f"{STORED}/zip?stolen=address"})
    assert "No bulk booking of this account returned exactly this URL" in text_of(result)
    assert wire.seen == []


async def test_a_hiccup_of_the_storage_does_not_cost_the_labels(make_world):
    answers = [ConnectionError("gone"), reply(503), reply(200, packed(**{"label.pdf": b"%PDF-"}))]

    async def storage(_: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert len(data_of(await saved(make_world, storage))["documents"]) == 1


async def test_a_long_archive_is_answered_with_few_links(make_world):
    many = packed(**{f"{n}.pdf": b"%PDF-" for n in range(100)})
    result = await saved(make_world, reply(200, many))
    assert len(links(result)) == 20
    assert len(result.model_dump_json(by_alias=True)) < 60_000


async def test_a_file_that_is_there_already_is_never_written_over(make_world, tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "label.pdf").write_bytes(b"somebody else's")
    (folder / "label-2.pdf").symlink_to(tmp_path / "elsewhere")
    result = await saved(make_world, reply(200, packed(**{"label.pdf": b"%PDF-"})))
    assert Path(data_of(result)["documents"][0]["file"]).name == "label-3.pdf"
    assert (folder / "label.pdf").read_bytes() == b"somebody else's"
    assert not (tmp_path / "elsewhere").exists()


async def test_neither_tool_asks_a_person_and_both_work_where_only_reads_are_listed(make_world):
    person = Person()
    world = make_world(SP_MCP_READ_ONLY="1")
    async with world.client(person=person) as client:
        assert data_of(await client.call_tool(GET, WANTED))["status"] == "DONE"
    assert person.asked == []
