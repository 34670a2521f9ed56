"""Rules that hold for every operation and workflow, and what a client sees of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import jsonschema
import pytest

from sp_mcp.apis import apis, operations
from sp_mcp.endpoint import Effect
from sp_mcp.request.schema import RESERVED, input_schema, output_schema
from sp_mcp.sandbox.contract import Contract
from sp_mcp.sandbox.practice import AMERICAN_ORDERS, ORDERS_TO_SCHEDULE, SCHEDULED_ORDER
from sp_mcp.server.definitions import definition, definitions
from sp_mcp.workflows.workflow import Leaves
from tests.calls import ANSWERS, API_NAMES, GOOD, OPERATIONS, ORDER, WORKFLOWS, answer_to
from tests.fakes import Person, Wire, data_of, reply, text_of
from tests.rules import REPRESENTATIVES, holds, holds_async

pytestmark = pytest.mark.anyio

TOOLS = [*OPERATIONS, *WORKFLOWS]
MINT = {"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]]}


def test_every_api_says_everything_about_itself_in_its_record():
    def rule(name: str) -> None:
        api = apis()[name]
        assert re.fullmatch(r"[\w.-]+\.json", api.model_file), f"sp_mcp/apis/{name}/__init__.py: model_file is no file"
        named = set(re.findall(r"`([a-z0-9_]+)`", api.job))
        assert named <= set(TOOLS), f"sp_mcp/apis/{name}/__init__.py: job names {named - set(TOOLS)}, which is no tool"
        assert operations((name,)), f"sp_mcp/apis/{name}/operations.py: OPERATIONS is empty"
        wrong = {operation.api for operation in operations((name,))} - {name}
        assert not wrong, f"sp_mcp/apis/{name}/operations.py: api is {wrong}; write {name!r}"
        others = [other.name for other in apis().values() if other.position == api.position and other is not api]
        assert not others, f"sp_mcp/apis/{name}/__init__.py: position {api.position} is that of {others} too"

    holds(API_NAMES, rule)


def test_every_operation_has_its_answer_in_the_local_selling_partner_and_its_part_of_the_contract():
    contract = Contract().operations

    def rule(name: str) -> None:
        operation = OPERATIONS[name]
        module = apis()[operation.api].sandbox
        assert operation.operation_id in contract, (
            "sp_mcp/sandbox/contract.json lacks it: run python tools/extract_contract.py PATH"
        )
        assert operation.operation_id in _answers_of(module), (
            f"sp_mcp/sandbox/{module}.py: write its answer and add {operation.operation_id} to ANSWERS"
        )

    holds(OPERATIONS, rule)


def _answers_of(module: str) -> Any:
    return import_module(f"sp_mcp.sandbox.{module}").ANSWERS


async def test_the_local_selling_partner_answers_every_read_as_amazons_model_says(local):
    reads = [name for name, operation in OPERATIONS.items() if operation.endpoint.effect is Effect.READS]
    orders = (ORDERS_TO_SCHEDULE[0], SCHEDULED_ORDER, AMERICAN_ORDERS[0])

    async def rule(name: str) -> None:
        operation = OPERATIONS[name]
        example = json.dumps(GOOD[name])
        for order in orders if ORDER in example else ("",):
            result = await client.call_tool(name, json.loads(example.replace(ORDER, order or ORDER)))
            if not result.is_error:
                break
        else:
            # What only an earlier call makes, such as a report, is not there.
            assert ORDER not in example, text_of(result)
            assert "404" in text_of(result), text_of(result)
            return
        where = f"sp_mcp/sandbox/{apis()[operation.api].sandbox}.py: the answer to {operation.operation_id}"
        answer = data_of(result)
        for field in operation.endpoint.proof:
            assert field in answer, f"{where} lacks {field}"
        schema = operation.response.model_json_schema(by_alias=True)
        unknown = sorted(set(_unknown_names(answer, schema, schema.get("$defs", {}))) - RESERVED.keys())
        assert not unknown, f"{where} holds {', '.join(unknown)}, which Amazon's model does not have"

    async with local.client() as client:
        await holds_async(reads, rule)


def _unknown_names(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> Iterator[str]:
    """The names of a value, at any depth, that its schema does not have."""
    schema = defs[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    for arm in schema.get("anyOf", ()):
        if arm.get("type") != "null":
            yield from _unknown_names(value, arm, defs)
    if isinstance(value, list):
        for item in value:
            yield from _unknown_names(item, schema.get("items", {}), defs)
    elif isinstance(value, dict) and "properties" in schema:
        yield from value.keys() - schema["properties"].keys()
        for name in value.keys() & schema["properties"].keys():
            yield from _unknown_names(value[name], schema["properties"][name], defs)


def test_names_are_short_and_plain_and_each_is_there_once():
    def rule(name: str) -> None:
        assert re.fullmatch(r"[a-z0-9_]{1,47}", name)

    holds(TOOLS, rule)
    assert len(operations()) == len(OPERATIONS)


def test_descriptions_are_short_prose_without_shouting():
    def rule(name: str) -> None:
        operation = OPERATIONS[name]
        file, long = f"sp_mcp/apis/{operation.api}/operations.py", len(operation.description)
        assert 10 <= len(operation.title) <= 60, f"{file}: title has {len(operation.title)} characters; 10 to 60"
        assert 80 <= long <= 400, f"{file}: description has {long} characters; 80 to 400"
        shouted = re.search(r"\b(MUST|NEVER|ALWAYS|IMPORTANT|DO NOT|WARNING)\b", operation.description)
        assert not shouted, f"{file}: description shouts {shouted}"
        told = "Needs consent" in operation.description
        assert told == operation.changes, f'{file}: description says "Needs consent" if the tool changes something'

    holds(OPERATIONS, rule)


def test_tools_named_in_descriptions_and_sources_exist():
    def rule(name: str) -> None:
        operation = OPERATIONS[name]
        schema = json.dumps(operation.request.model_json_schema()) + operation.description
        named = set(re.findall(rf"\b(?:{'|'.join(API_NAMES)})_[a-z_]+", schema))
        assert named <= set(TOOLS), f"names {named - set(TOOLS)}"
        reads = operation.reconciliation
        assert reads is None or not OPERATIONS[reads.tool].changes

    holds(OPERATIONS, rule)


def test_whatever_changes_something_has_a_question_and_a_way_to_its_outcome_and_nothing_else_has():
    def rule(name: str) -> None:
        operation = OPERATIONS[name]
        file = f"sp_mcp/apis/{operation.api}/operations.py"
        assert (operation.question is not None) == operation.changes, f"{file}: a change, and only that, has a question"
        outcome = bool(operation.reconciliation or operation.outcome_note)
        assert outcome == operation.changes, f"{file}: a change, and only that, has a reconciliation or an outcome_note"
        prepares = operation.endpoint.effect is Effect.PREPARES
        assert prepares or not operation.needed_read_only, f"{file}: needed_read_only goes with Effect.PREPARES"

    holds(OPERATIONS, rule)


def test_definitions_are_what_the_models_say():
    def rule(name: str) -> None:
        listed = definition(name)
        assert listed is not None, "has no definition: run python tools/generate_tools.py"
        what = OPERATIONS.get(name) or WORKFLOWS[name]
        changes = name in OPERATIONS and OPERATIONS[name].changes
        assert listed.input == input_schema(what.request, changes=changes)
        assert listed.output == output_schema(what.response)
        assert (listed.title, listed.description) == (what.title, what.description)

    holds(TOOLS, rule)
    assert {each.name for each in definitions()} == set(TOOLS)


async def test_a_client_sees_exactly_what_the_definitions_hold(local, era):
    async with local.client(era) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}

    def rule(name: str) -> None:
        tool, there = listed[name], definition(name)
        assert there is not None
        assert tool.input_schema == there.input
        assert tool.output_schema == there.output
        assert (tool.title, tool.description) == (there.title, there.description)
        assert tool.annotations.model_dump(by_alias=True, exclude_none=True) == there.hints

    assert set(listed) == set(TOOLS)
    holds(TOOLS, rule)


async def test_all_four_annotations_say_what_a_tool_does(local):
    async with local.client() as client:
        tools = (await client.list_tools()).tools
    notes_of = {tool.name: tool.annotations for tool in tools}

    def of_workflow(name: str) -> None:
        notes, workflow = notes_of[name], WORKFLOWS[name]
        assert notes.read_only_hint is (workflow.leaves is Leaves.NOTHING)
        assert notes.idempotent_hint is True
        assert notes.destructive_hint is False
        assert notes.open_world_hint is workflow.reaches_out

    def of_operation(name: str) -> None:
        notes, operation = notes_of[name], OPERATIONS[name]
        reads = operation.endpoint.effect is Effect.READS
        assert notes.read_only_hint is reads
        assert notes.destructive_hint is operation.changes
        assert notes.idempotent_hint is (operation.idempotent or reads)
        assert notes.open_world_hint is True

    holds(WORKFLOWS, of_workflow)
    holds(OPERATIONS, of_operation)


_SELF_EXPLAINING = {"enum", "format", "maximum"}


def test_every_argument_at_every_depth_is_described_with_an_example_or_where_it_comes_from():
    def check(schema: dict[str, Any], whole: dict[str, Any], path: str) -> None:
        for key, value in schema.get("properties", {}).items():
            assert value.get("description"), f"{path}.{key} has no description"
            if "$ref" in value:
                value = {**whole["$defs"][value["$ref"].rsplit("/", 1)[-1]], **value}
            if value["type"] in ("string", "number", "integer") and not value.keys() & _SELF_EXPLAINING:
                helped = re.search(
                    r"e\.g\. |\bFrom |[Aa]s (it was )?(listed|in the order|ordered)|from this call|[Dd]efault ",
                    value["description"],
                )
                assert helped, f"{path}.{key} says neither an example nor where it comes from"
            check(value, whole, f"{path}.{key}")
            check(value.get("items", {}), whole, f"{path}.{key}[]")

    def rule(name: str) -> None:
        listed = definition(name)
        assert listed is not None
        check(listed.input, listed.input, name)

    holds(TOOLS, rule)


def test_examples_fit_the_input_schema_which_every_client_can_convert():
    def rule(name: str) -> None:
        listed = definition(name)
        assert listed is not None
        schema = listed.input
        jsonschema.Draft202012Validator.check_schema(schema)
        if name in GOOD:
            jsonschema.validate(GOOD[name], schema)
        for node in _walk(schema):
            # docs/facts/mcp.md#schemas-that-clients-convert
            assert not node.keys() & {"additionalProperties", "const", "allOf", "anyOf", "oneOf"}
            assert "$ref" not in node or "description" in node
        for inner in schema.get("$defs", {}).values():
            assert inner["description"]
        changes = name in OPERATIONS and OPERATIONS[name].changes
        assert ("confirmationCode" in schema["properties"]) == changes

    holds(TOOLS, rule)


def test_what_is_used_once_is_written_where_it_is_used_and_what_is_used_twice_is_a_definition():
    tool = definition("vendor_orders_submit_acknowledgement")
    assert tool is not None
    text = json.dumps(tool.input)
    assert text.count('"#/$defs/Quantity"') == 2
    assert text.count('"#/$defs/') == 2


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def test_output_schemas_require_nothing_close_nothing_list_no_values_and_declare_what_is_added():
    def rule(name: str) -> None:
        listed = definition(name)
        assert listed is not None
        schema = listed.output
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        for node in _walk(schema):
            assert "required" not in node
            assert "enum" not in node
            assert "additionalProperties" not in node
        jsonschema.validate({}, schema)
        added = {"notes": ["done"], "strangersText": ["a.b"], "leftOut": {"lists": []}, "preview": {"sent": False}}
        assert set(added) == set(RESERVED)
        jsonschema.validate(added, schema)
        jsonschema.validate(dict.fromkeys(schema["properties"]), schema)

    holds(TOOLS, rule)


async def _answers_come_back_whole(make_world: Any, name: str, era: str = "auto") -> None:
    operation = OPERATIONS[name]
    proof = operation.endpoint.proof
    answer = {**dict.fromkeys(proof[1:]), "futureField": {"deep": [1, "ü", 2.50]}}
    if proof:
        answer[proof[0]] = answer_to(operation)[proof[0]]
    world = make_world(Wire({**MINT, "": [answer]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(name, GOOD[name])
    assert result.structured_content == answer
    assert data_of(result) == answer
    # An acknowledgement is received and not yet applied, of a bulk nothing was booked here, and a message was accepted.
    said_besides = ("vendor_orders_submit_acknowledgement", "easy_ship_create_scheduled_package_bulk")
    reaches_a_buyer = operation.changes and operation.api in ("messaging", "solicitations")
    assert len(result.content) == 1 + (name in said_besides or reaches_a_buyer)
    assert result.content[0].text == json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


async def test_answers_come_back_whole_with_unknown_fields_and_values(make_world):
    await holds_async(OPERATIONS, lambda name: _answers_come_back_whole(make_world, name))


async def test_answers_come_back_whole_in_both_eras(make_world, era):
    await holds_async(REPRESENTATIVES, lambda name: _answers_come_back_whole(make_world, name, era))


async def test_an_answer_of_another_shape_is_still_delivered_whole(make_world):
    async def rule(name: str) -> None:
        operation = OPERATIONS[name]
        answer = dict.fromkeys(operation.response.model_json_schema(by_alias=True)["properties"], 5)
        world = make_world(Wire({**MINT, "": [answer]}))
        async with world.client(person=Person()) as client:
            result = await client.call_tool(name, GOOD[name])
        if set(answer) == {"errors"}:
            assert "unknown" in text_of(result)
        else:
            assert data_of(result) == answer
            assert result.structured_content == {"undocumentedAnswer": answer}

    await holds_async(OPERATIONS, rule)


async def test_results_carry_request_id_environment_rate_and_waiting_time(make_world):
    async def rule(name: str) -> None:
        answer: dict[str, Any] = {key: {} for key in OPERATIONS[name].endpoint.proof}
        ok = reply(200, answer, x_amzn_RequestId="request-1", x_amzn_RateLimit_Limit="2.0")
        world = make_world(Wire({**MINT, "": [ok]}))
        async with world.client(person=Person()) as client:
            result = await client.call_tool(name, GOOD[name])
        assert result.meta["requestId"] == "request-1"
        assert result.meta["environment"] == "production"
        assert result.meta["rateLimit"] == 2
        assert result.meta["waitedSeconds"] == 0

    await holds_async(OPERATIONS, rule)


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


async def test_what_prepares_something_is_listed_when_read_only_only_where_documents_need_it(make_world):
    world = make_world(Wire(), SP_MCP_READ_ONLY="1")
    async with world.client() as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
    prepares = {name for name, operation in OPERATIONS.items() if operation.endpoint.effect is Effect.PREPARES}
    assert prepares & listed == {"feeds_create_feed", "feeds_create_feed_document"}
    assert prepares - listed == {"uploads_create_upload_destination_for_resource"}
    assert not {name for name in listed & set(OPERATIONS) if OPERATIONS[name].changes}
