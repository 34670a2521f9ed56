// The TypeScript SDK in its second major version, in either protocol era. It compiles an output schema when it
// needs it; here all are compiled.
//
// Usage: as exchange.py says; check_clients.py copies this file beside the packages and starts it there.

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";

import { callAndReport, compile, task } from "./exchange.mjs";

const client = new Client({ name: "check", version: "1" }, { versionNegotiation: { mode: task.mode } });
await client.connect(new StdioClientTransport({ command: task.command, env: task.environ, cwd: task.folder }));
const { tools } = await client.listTools();
await compile(tools, new AjvJsonSchemaValidator());
await callAndReport(client, "@modelcontextprotocol/client");
