"""A file of this machine on its way to a message, and every file that must not go."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any, get_args

import mcp_types as types
import pytest

from sp_mcp.apis import operations
from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE
from sp_mcp.storage import files
from sp_mcp.storage.files import MB
from sp_mcp.workflows.upload_attachment import Message
from tests.calls import IN, ORDER, US
from tests.fakes import Person, Wire, data_of, refusal, reply, text_of

pytestmark = pytest.mark.anyio

UPLOAD = "messaging_upload_attachment"
INVOICE = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN], "messageTool": "messaging_send_invoice"}
PDF = b"%PDF-1.4\nan invoice of 12.50\n%%EOF\n"
PLACE = "https://upload.s3.amazonaws.com/one?X-Amz-Signature=marked-signature"
HEADERS = {"Content-MD5": "filled in", "x-amz-server-side-encryption": "aws:kms", "X-Extra": "1"}
DESTINATION = {"payload": {"uploadDestinationId": "sc/1", "url": PLACE, "headers": HEADERS}}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "invoices"
    made.mkdir()
    (made / "invoice.pdf").write_bytes(PDF)
    return made


def storage(world) -> Any:
    return world.sandbox.state.storage


async def test_a_file_is_uploaded_byte_for_byte_and_goes_out_with_the_message(make_world, era, folder):
    world, person = make_world(SP_MCP_FILE_ROOTS=str(folder)), Person()
    async with world.client(era, person) as client:
        uploaded = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
        assert person.asked == []
        attachment = data_of(uploaded)
        assert set(attachment) == {"uploadDestinationId", "fileName"}
        assert "has received nothing yet" in text_of(uploaded)
        message = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN], "attachments": [attachment]}
        sent = await client.call_tool("messaging_send_invoice", message)
    assert not sent.is_error, text_of(sent)
    (place,) = [place for place in storage(world).files.values() if place.method == "PUT"]
    assert place.content == PDF


async def test_what_is_put_has_exactly_the_headers_of_the_answer_and_no_token(make_world, era, folder):
    wire = Wire({"/messages/invoice": [reply(201, DESTINATION)], "/one": [reply(200)]})
    world = make_world(wire, SP_MCP_FILE_ROOTS=str(folder))
    async with world.client(era) as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": str(folder / "invoice.pdf")})
    assert data_of(result) == {"uploadDestinationId": "sc/1", "fileName": "invoice.pdf"}
    asked, put = wire.requests()
    path = f"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{ORDER_TO_MESSAGE}/messages/invoice"
    digest = base64.b64encode(hashlib.md5(PDF).digest()).decode()  # noqa: S324
    assert (asked.method, asked.url.raw_path.split(b"?")[0].decode()) == ("POST", path)
    assert asked.content == b""
    assert dict(asked.url.params) == {"marketplaceIds": IN, "contentMD5": digest}
    assert (put.method, str(put.url), put.content) == ("PUT", PLACE, PDF)
    agreed = {name.lower(): value for name, value in HEADERS.items()}
    assert agreed.items() <= dict(put.headers).items()
    by_http_itself = {"host", "accept", "accept-encoding", "connection", "content-length", "user-agent"}
    assert set(put.headers) - set(agreed) <= by_http_itself
    assert "secret-token" not in str(put.headers)


async def test_neither_the_address_nor_the_bytes_are_in_a_log_or_a_result(make_world, folder, caplog):
    caplog.set_level("DEBUG", "sp_mcp")
    wire = Wire({"/messages/invoice": [reply(201, DESTINATION)], "/one": [reply(403, b"<Error><Code>Nope</Code>")]})
    world = make_world(wire, SP_MCP_FILE_ROOTS=str(folder))
    async with world.client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
    assert result.is_error
    assert "refused the file (403, Nope)" in text_of(result)
    assert "The buyer has received nothing" in text_of(result)
    assert "marked-signature" not in text_of(result) + caplog.text
    assert "an invoice of" not in text_of(result) + caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/one",
        "http://upload.s3.amazonaws.com/one",
        "https://user@upload.s3.amazonaws.com/one",
        "https://upload.s3.amazonaws.com:8443/one",
        "https://s3.amazonaws.com.evil.example/one",
        "file:///one",
        "https://[/one",
        "https://x.s3.amazonaws.com:99999/one",
        "https://evil.example\\.s3.amazonaws.com/one",
        "https://x.execute-api.us-east-1.amazonaws.com/one",
    ],
)
async def test_a_file_goes_to_amazons_storage_and_nowhere_else(make_world, folder, url):
    place = {"payload": {"uploadDestinationId": "sc/1", "url": url, "headers": None}}
    wire = Wire({"/messages/invoice": [reply(201, place)], "": [reply(200)]})
    async with make_world(wire, SP_MCP_FILE_ROOTS=str(folder)).client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
    assert "does not lead to Amazon's storage" in text_of(result)
    assert len(wire.requests()) == 1


@pytest.mark.parametrize("answer", [{"payload": {}}, {"payload": {"uploadDestinationId": "sc/1"}}, {"payload": 5}])
async def test_an_answer_without_a_place_uploads_nothing(make_world, folder, answer):
    wire = Wire({"/messages/invoice": [reply(201, answer)]})
    async with make_world(wire, SP_MCP_FILE_ROOTS=str(folder)).client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
    assert result.is_error
    assert len(wire.requests()) == 1


async def test_a_refusal_of_amazons_names_the_step_and_its_reason(make_world, folder):
    wire = Wire({"/messages/invoice": [refusal(403, "Unauthorized")]})
    async with make_world(wire, SP_MCP_FILE_ROOTS=str(folder)).client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
    assert "uploads_create_upload_destination_for_resource: Amazon answered 403" in text_of(result)


async def refused(world, file: str, words: str) -> None:
    async with world.client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": file})
    assert result.is_error
    assert words in text_of(result), text_of(result)
    assert storage(world).files == {}


async def test_without_an_open_folder_nothing_is_read_and_the_answer_says_who_opens_one(make_world, folder):
    await refused(make_world(), str(folder / "invoice.pdf"), "A person opens some with SP_MCP_FILE_ROOTS")


async def test_what_is_not_there_and_what_is_not_open_look_the_same(make_world, folder, tmp_path):
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (folder / "way-out.pdf").symlink_to(tmp_path / "secret.pdf")
    (folder / "way").symlink_to(tmp_path)
    world = make_world(SP_MCP_FILE_ROOTS=str(folder))
    for file in (
        str(tmp_path / "secret.pdf"),
        "../secret.pdf",
        f"{folder}/../secret.pdf",
        (tmp_path / "secret.pdf").as_uri(),
        "way-out.pdf",
        "way/secret.pdf",
        "missing.pdf",
        "~nobody-of-this-name/x.pdf",
        "file://elsewhere/invoice.pdf",
        "a\0b.pdf",
        "x" * 900,
    ):
        await refused(world, file, "There is no such file in the folders that are open")


async def test_a_folder_that_becomes_a_link_while_the_file_is_opened_gives_nothing_out(
    make_world, folder, tmp_path, monkeypatch
):
    (folder / "inner").mkdir()
    (folder / "inner" / "invoice.pdf").write_bytes(PDF)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "invoice.pdf").write_bytes(b"%PDF- secret")
    resolved = files._resolved

    def swapped(path: Path) -> Path | None:
        found = resolved(path)
        if found is not None and found.parent.name == "inner":
            (folder / "inner").rename(folder / "gone")
            (folder / "inner").symlink_to(tmp_path / "secret")
        return found

    monkeypatch.setattr(files, "_resolved", swapped)
    await refused(make_world(SP_MCP_FILE_ROOTS=str(folder)), "inner/invoice.pdf", "The file cannot be read")


async def test_a_host_that_opens_the_whole_disk_opens_nothing(make_world, era, folder):
    async def roots(_: Any) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=uri) for uri in ("file:///", "file://")])

    async with make_world().client(era, list_roots_callback=roots) as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": str(folder / "invoice.pdf")})
    assert "No folder is open for reading" in text_of(result)


async def test_folders_that_are_named_and_not_there_are_told(make_world, tmp_path):
    await refused(make_world(SP_MCP_FILE_ROOTS=str(tmp_path / "no")), "x.pdf", "Those that are named do not exist")


async def test_a_way_out_in_one_folder_does_not_hide_the_file_in_the_next(make_world, folder, tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "invoice.pdf").symlink_to("/etc/hostname")
    world = make_world(SP_MCP_FILE_ROOTS=f"{tmp_path / 'first'}{os.pathsep}{folder}")
    async with world.client() as client:
        data_of(await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"}))


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Content-Length": "5"}, {"X-Odd": "ü"}])
async def test_headers_that_are_not_those_of_a_file_are_not_sent(make_world, folder, headers):
    place = {"payload": {**DESTINATION["payload"], "headers": headers}}
    wire = Wire({"/messages/invoice": [reply(201, place)], "/one": [reply(200)]})
    async with make_world(wire, SP_MCP_FILE_ROOTS=str(folder)).client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
    assert "Amazon asked for headers that" in text_of(result)
    assert len(wire.requests()) == 1


async def test_an_upload_that_broke_off_is_not_said_to_have_failed(make_world, folder):
    wire = Wire({"/messages/invoice": [reply(201, DESTINATION)], "/one": [ConnectionError("gone")]})
    async with make_world(wire, SP_MCP_FILE_ROOTS=str(folder)).client() as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
    assert "It is unknown whether the file reached Amazon's storage" in text_of(result)
    assert "The buyer has received nothing" in text_of(result)


async def test_a_link_within_the_open_folders_is_followed(make_world, folder):
    (folder / "latest.pdf").symlink_to(folder / "invoice.pdf")
    world = make_world(SP_MCP_FILE_ROOTS=f"{folder / 'missing'}{os.pathsep}{folder}")
    async with world.client() as client:
        assert data_of(await client.call_tool(UPLOAD, {**INVOICE, "file": "latest.pdf"}))["fileName"] == "invoice.pdf"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("invoice.exe", b"MZ", "Files of this type cannot be attached; possible are .pdf"),
        ("invoice", PDF, "Files of this type"),
        ("empty.pdf", b"", "The file is empty"),
        ("really.pdf", b"MZ\x90", "content is not what a name that ends in .pdf says"),
        ("really.txt", b"\xff\xfe\x00", "content is not what a name that ends in .txt says"),
        ("really.png", PDF, "content is not what a name that ends in .png says"),
        ("long.pdf", PDF + b" " * 10 * MB, "larger than 10 MB"),
    ],
)
async def test_a_file_that_no_message_may_carry_is_refused_before_anything_is_sent(
    make_world, folder, name, content, words
):
    (folder / name).write_bytes(content)
    await refused(make_world(SP_MCP_FILE_ROOTS=str(folder)), name, words)


async def test_a_folder_a_pipe_and_what_may_not_be_read_are_no_files(make_world, folder):
    (folder / "folder.pdf").mkdir()
    os.mkfifo(folder / "pipe.pdf")
    world = make_world(SP_MCP_FILE_ROOTS=str(folder))
    await refused(world, "folder.pdf", "no file")
    await refused(world, "pipe.pdf", "no file")


async def test_the_folders_that_the_host_opens_count_too(make_world, era, folder):
    asked = []

    async def roots(_: Any) -> types.ListRootsResult:
        asked.append(1)
        return types.ListRootsResult(roots=[types.Root(uri=folder.as_uri())])

    async with make_world().client(era, list_roots_callback=roots) as client:
        result = await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})
        assert data_of(result)["fileName"] == "invoice.pdf"
        missing = await client.call_tool(UPLOAD, {**INVOICE, "file": "missing.pdf"})
    assert "no such file" in text_of(missing)
    assert len(asked) == 2


async def test_the_host_is_not_asked_for_folders_where_the_settings_suffice(make_world, era, folder):
    async def roots(_: Any) -> types.ListRootsResult:
        raise AssertionError("asked")

    world = make_world(SP_MCP_FILE_ROOTS=str(folder))
    async with world.client(era, list_roots_callback=roots) as client:
        data_of(await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"}))


async def test_uploading_belongs_to_messaging_and_not_to_a_server_that_only_reads(make_world, folder):
    for environ in ({"SP_MCP_APIS": "vendor_orders"}, {"SP_MCP_READ_ONLY": "1"}):
        async with make_world(**environ).client() as client:
            assert UPLOAD not in {tool.name for tool in (await client.list_tools()).tools}
            with pytest.raises(Exception, match="not listed because SP_MCP_"):
                await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"})


async def test_progress_grows_with_every_step(make_world, era, folder):
    told: list[tuple[float, str]] = []

    async def progress(value: float, total: float | None, message: str | None) -> None:
        told.append((value, message or ""))

    async with make_world(SP_MCP_FILE_ROOTS=str(folder)).client(era) as client:
        await client.call_tool(UPLOAD, {**INVOICE, "file": "invoice.pdf"}, progress_callback=progress)
    assert [message for _, message in told] == ["asking Amazon for a URL to upload 35 bytes to", "uploading"]
    assert told[0][0] < told[1][0]


def test_every_message_that_carries_files_can_have_one_uploaded():
    removed = {"messaging_create_amazon_motors"}
    carrying = {o.name for o in operations(("messaging",)) if "attachments" in o.request.model_fields}
    assert set(get_args(Message)) == carrying - removed


@pytest.mark.parametrize("message", get_args(Message))
async def test_a_file_is_uploaded_for_the_path_of_its_message(make_world, folder, message):
    path = next(o.endpoint.path for o in operations(("messaging",)) if o.name == message).replace(
        "{amazonOrderId}", ORDER
    )
    wire = Wire({f"/uploadDestinations{path}": [reply(201, DESTINATION)], "/one": [reply(200)]})
    call = {"amazonOrderId": ORDER, "marketplaceIds": US, "messageTool": message, "file": "invoice.pdf"}
    async with make_world(wire, SP_MCP_FILE_ROOTS=str(folder)).client() as client:
        data_of(await client.call_tool(UPLOAD, call))
