// The TypeScript SDK in its first major version. Listing compiles every output schema with Ajv, and one that does
// not compile makes the whole list fail; so the tools are first asked for plainly, to know which one it is.
//
// Usage: as exchange.py says; check_clients.py copies this file beside the packages and starts it there.

import { readFileSync } from "node:fs";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";

const task = JSON.parse(process.argv[2]);
const { version } = JSON.parse(readFileSync("node_modules/@modelcontextprotocol/sdk/package.json", "utf8"));
const report = { version, listed: 0, shown: {}, answers: {}, failures: {} };

async function trying(what, work) {
  try {
    await work();
  } catch (error) {
    report.failures[what] = String(error);
  }
}

const client = new Client({ name: "check", version: "1" });
await client.connect(new StdioClientTransport({ command: task.command, env: task.environ, cwd: task.folder }));
const ajv = new AjvJsonSchemaValidator();
const { tools } = await client.request({ method: "tools/list" }, ListToolsResultSchema);
report.listed = tools.length;
for (const tool of tools) {
  await trying(tool.name, () => {
    ajv.getValidator(tool.inputSchema);
    if (tool.outputSchema) ajv.getValidator(tool.outputSchema);
    report.shown[tool.name] = tool.inputSchema;
  });
}
await trying("the list", () => client.listTools());
for (const call of task.calls) {
  await trying(`the call of ${call.tool}`, async () => {
    const result = await client.callTool({ name: call.tool, arguments: call.arguments });
    if (result.isError) throw new Error(`refused: ${JSON.stringify(result.content)}`);
    report.answers[call.tool] = result.structuredContent;
  });
}
await client.close();
console.log(JSON.stringify(report));
