// Lints the Dockerfile and the compose.yaml named as arguments; findings as JSON.
import { readFile } from "node:fs/promises";
import utils from "dockerfile-utils";
import { DCLinter } from "dclint";

const [dockerfile, compose] = process.argv.slice(2);
const findings = utils.validate(await readFile(dockerfile, "utf8"), {}).map(
  ({ message, range }) => `Dockerfile:${range.start.line + 1}: ${message}`,
);
for (const { messages } of await new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] }).lintFiles(
  [compose],
  false,
)) {
  findings.push(...messages.map(({ line, message }) => `compose.yaml:${line}: ${message}`));
}
console.log(JSON.stringify(findings));
