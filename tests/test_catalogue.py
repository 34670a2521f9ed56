"""Rules that hold for every operation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from sp_mcp.apis import operations
from sp_mcp.settings import API_NAMES
from sp_mcp.workflows import catalogue
from sp_mcp.workflows.workflow import Leaves
from tests.calls import ANSWERS, GOOD, answer_to
from tests.fakes import Person, Wire, data_of, text_of

pytestmark = pytest.mark.anyio

OPERATIONS = {o.name: o for o in operations(API_NAMES)}
WORKFLOWS = {w.name: w for w in catalogue()}
GOLDEN = Path(__file__).parent / "golden"
EACH = pytest.mark.parametrize("name", OPERATIONS)
EACH_TOOL = pytest.mark.parametrize("name", [*OPERATIONS, *WORKFLOWS])


def test_the_catalogue_has_all_operations_of_its_apis():
    assert len(OPERATIONS) == 35
    assert set(GOOD) == set(OPERATIONS)
    assert {o.api for o in OPERATIONS.values()} == set(API_NAMES)


@EACH
def test_names_are_short_and_plain(name):
    assert re.fullmatch(r"[a-z0-9_]{1,47}", name)


@EACH
def test_descriptions_are_short_prose_without_shouting(name):
    operation = OPERATIONS[name]
    assert 10 <= len(operation.title) <= 60
    assert 80 <= len(operation.description) <= 400
    assert not re.search(r"\b(MUST|NEVER|ALWAYS|IMPORTANT|DO NOT|WARNING)\b", operation.description)
    assert ("Needs consent" in operation.description) == operation.changes


@EACH
def test_tools_named_in_descriptions_and_sources_exist(name):
    schema = json.dumps(OPERATIONS[name].request.model_json_schema()) + OPERATIONS[name].description
    named = set(re.findall(rf"\b(?:{'|'.join(API_NAMES)})_[a-z_]+", schema))
    assert named <= set(OPERATIONS) | set(WORKFLOWS)
    settling = OPERATIONS[name].settling
    assert settling is None or not OPERATIONS[settling.tool].changes


@EACH
def test_whatever_changes_something_has_a_question_and_tells_of_its_outcome_and_reads_do_neither(name):
    operation = OPERATIONS[name]
    assert (operation.question is not None) == operation.changes
    assert bool(operation.settling or operation.outcome_note) == operation.changes


@EACH_TOOL
async def test_the_listed_tool_is_its_golden_file(local, era, name, request):
    async with local.client(era) as client:
        tool = next(tool for tool in (await client.list_tools()).tools if tool.name == name)
    shown = json.dumps(
        tool.model_dump(mode="json", by_alias=True, exclude_none=True), indent=2, ensure_ascii=False, sort_keys=True
    )
    path = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == path.read_text(encoding="utf-8")


def test_there_are_no_golden_files_without_a_tool():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(OPERATIONS) | set(WORKFLOWS)


async def test_all_four_annotations_a_title_and_both_schemas_are_set_on_every_tool(local, era):
    async with local.client(era) as client:
        tools = (await client.list_tools()).tools
    for tool in tools:
        notes = tool.annotations
        assert tool.title
        assert tool.output_schema["type"] == "object"
        if tool.name in WORKFLOWS:
            assert notes.read_only_hint is (WORKFLOWS[tool.name].leaves is Leaves.NOTHING)
            assert notes.idempotent_hint
            assert not notes.destructive_hint
            assert notes.open_world_hint is WORKFLOWS[tool.name].reaches_out
            continue
        operation = OPERATIONS[tool.name]
        assert notes.read_only_hint is not operation.changes
        assert notes.destructive_hint is operation.changes
        assert notes.idempotent_hint is (operation.idempotent or not operation.changes)
        assert notes.open_world_hint is True


@EACH_TOOL
def test_every_argument_at_every_depth_is_described_with_an_example_or_where_it_comes_from(name):
    def check(schema: dict, place: str) -> None:
        for key, value in schema.get("properties", {}).items():
            assert value.get("description"), f"{place}.{key}"
            if value["type"] in ("string", "number", "integer") and not value.keys() & {
                "enum",
                "const",
                "format",
                "maximum",
            }:
                told = re.search(
                    r"e\.g\. |\bFrom |[Aa]s (listed|in the order|ordered)|From this call", value["description"]
                )
                assert told, f"{place}.{key} says neither an example nor where it comes from"
            check(value, f"{place}.{key}")
            check(value.get("items", {}), f"{place}.{key}[]")

    from sp_mcp.schema import input_schema

    if name in WORKFLOWS:
        check(input_schema(WORKFLOWS[name].request), name)
    else:
        check(input_schema(OPERATIONS[name].request, changes=OPERATIONS[name].changes), name)


@EACH
def test_good_arguments_fit_the_input_schema_and_strangers_do_not(name):
    from sp_mcp.schema import input_schema

    schema = input_schema(OPERATIONS[name].request, changes=OPERATIONS[name].changes)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD[name], schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**GOOD[name], "stranger": 1}, schema)
    assert "$ref" not in json.dumps(schema)
    assert ("confirmationCode" in schema["properties"]) == OPERATIONS[name].changes


def _walk(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


@EACH
def test_output_schemas_require_nothing_close_nothing_and_list_no_values(name):
    from sp_mcp.schema import output_schema

    schema = output_schema(OPERATIONS[name].response)
    jsonschema.Draft202012Validator.check_schema(schema)
    for node in _walk(schema):
        assert "required" not in node
        assert "enum" not in node
        assert node.get("additionalProperties") is not False
    jsonschema.validate({}, schema)
    jsonschema.validate({"preview": {"sent": False}}, schema)
    jsonschema.validate(dict.fromkeys(schema["properties"]), schema)


@EACH
async def test_answers_come_back_whole_with_unknown_fields_and_values(make_world, era, name):
    operation = OPERATIONS[name]
    answer = {**dict.fromkeys(operation.proof[1:]), "futureField": {"deep": [1, "ü", 2.50]}}
    if operation.proof:
        answer[operation.proof[0]] = answer_to(operation)[operation.proof[0]]
    world = make_world(Wire({"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "": [answer]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(name, GOOD[name])
    assert result.structured_content == answer
    assert data_of(result) == answer
    # An acknowledgement is received and not yet applied, of a bulk nothing was booked here, and a message was accepted.
    told_besides = ("vendor_orders_submit_acknowledgement", "easy_ship_create_scheduled_package_bulk")
    is_message = operation.changes and operation.api == "messaging"
    assert len(result.content) == 1 + (name in told_besides or is_message)
    assert result.content[0].text == json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


@EACH
async def test_an_answer_of_another_shape_is_still_delivered_whole(make_world, era, name):
    operation = OPERATIONS[name]
    answer = dict.fromkeys(operation.response.model_json_schema(by_alias=True)["properties"], 5)
    world = make_world(Wire({"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "": [answer]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(name, GOOD[name])
    if set(answer) == {"errors"}:
        assert "unknown" in text_of(result)
    else:
        assert data_of(result) == answer
        assert result.structured_content == {"undocumentedAnswer": answer}


@EACH
async def test_results_carry_request_id_environment_rate_and_waiting_time(make_world, name):
    from tests.fakes import reply

    answer = {key: ANSWERS.get("x", {}) for key in OPERATIONS[name].proof}
    ok = reply(200, answer, x_amzn_RequestId="request-1", x_amzn_RateLimit_Limit="2.0")
    world = make_world(Wire({"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "": [ok]}))
    async with world.client(person=Person()) as client:
        result = await client.call_tool(name, GOOD[name])
    assert result.meta["requestId"] == "request-1"
    assert result.meta["environment"] == "production"
    assert result.meta["rateLimit"] == 2
    assert result.meta["waitedSeconds"] == 0


async def test_tools_list_is_the_same_before_and_after_calls_and_may_be_cached(local):
    async with local.client() as client:
        before = await client.list_tools()
        await client.call_tool("vendor_orders_get_purchase_orders", {})
        assert (await client.list_tools()).tools == before.tools
        assert before.ttl_ms > 0
        assert before.cache_scope == "public"


async def test_only_the_named_apis_are_listed(make_world, era):
    world = make_world(Wire(), SP_MCP_APIS="vendor_orders, messaging")
    async with world.client(era) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        wanted = {o.name for o in operations(("vendor_orders", "messaging"))}
        wanted |= {w.name for w in WORKFLOWS.values() if w.api in (None, "vendor_orders", "messaging")}
        assert set(listed) == wanted
        assert "easy_ship" not in client.instructions
        assert "messaging_get_attributes" in client.instructions
