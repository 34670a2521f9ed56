// The TypeScript SDK in its first major version. Listing compiles every output schema with Ajv, and one that does
// not compile makes the whole list fail; so the tools are first asked for plainly, to know which one it is.
//
// Usage: as exchange.py says; check_clients.py copies this file beside the packages and starts it there.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";

import { callAndReport, compile, task, trying } from "./exchange.mjs";

const client = new Client({ name: "check", version: "1" });
await client.connect(new StdioClientTransport({ command: task.command, env: task.environ, cwd: task.folder }));
const { tools } = await client.request({ method: "tools/list" }, ListToolsResultSchema);
await compile(tools, new AjvJsonSchemaValidator());
await trying("the list", () => client.listTools());
await callAndReport(client, "@modelcontextprotocol/sdk");
