// What the programs for the TypeScript SDK share: the task, the report, and what they do with a connected client.

import { readFileSync } from "node:fs";

export const task = JSON.parse(process.argv[2]);

const report = { version: "", listed: 0, shown: {}, answers: {}, failures: {} };

export async function trying(what, work) {
  try {
    await work();
  } catch (error) {
    report.failures[what] = String(error);
  }
}

// Compile all schemas of the tools, with the SDK's own validator.
export async function compile(tools, ajv) {
  report.listed = tools.length;
  for (const tool of tools) {
    await trying(tool.name, () => {
      ajv.getValidator(tool.inputSchema);
      if (tool.outputSchema) ajv.getValidator(tool.outputSchema);
      report.shown[tool.name] = tool.inputSchema;
    });
  }
}

// Make the calls, close the client, and print the report of `packageName`.
export async function callAndReport(client, packageName) {
  for (const call of task.calls) {
    await trying(`the call of ${call.tool}`, async () => {
      const result = await client.callTool({ name: call.tool, arguments: call.arguments });
      if (result.isError) throw new Error(`refused: ${JSON.stringify(result.content)}`);
      report.answers[call.tool] = result.structuredContent;
    });
  }
  await client.close();
  report.version = JSON.parse(readFileSync(`node_modules/${packageName}/package.json`, "utf8")).version;
  console.log(JSON.stringify(report));
}
