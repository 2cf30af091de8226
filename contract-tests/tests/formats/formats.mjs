// Validates every machine-readable format with an independent tool. Usage: formats.mjs FOLDER, with the reports in it as
// report.json, .xml, .sarif, .github, .html, .gitlab and report.schema.json.
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = process.argv[2];
const require = createRequire(join(process.cwd(), "package.json"));
const read = (name) => readFileSync(join(folder, name), "utf8");
const json = (name) => JSON.parse(read(name));

function valid(Ajv, schema, data, what) {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  require("ajv-formats").default(ajv);
  const validate = ajv.compile(schema);
  assert(validate(data), `${what}: ${JSON.stringify(validate.errors?.slice(0, 5), null, 1)}`);
}

// json: the schema of the report, with an independent validator.
const report = json("report.json");
valid(require("ajv/dist/2020").default, json("report.schema.json"), report, "json");

// sarif: the official schema, and the limits of code scanning.
const sarif = json("report.sarif");
const schemas = join(dirname(require.resolve("@microsoft/jest-sarif/package.json")), "lib/schemas/sarif-2.1.0-rtm.5.json");
const official = JSON.parse(readFileSync(schemas, "utf8"));
const { default: Ajv } = require("ajv");
const draft07 = { ...official };
if (String(official.$schema).includes("draft-04")) {
  draft07.$schema = "http://json-schema.org/draft-07/schema#";
  delete draft07.id;
}
valid(Ajv, draft07, sarif, "sarif");
assert.equal(sarif.runs.length, 1);
assert(sarif.runs[0].results.length > 0 && sarif.runs[0].results.length <= 25_000);
for (const result of sarif.runs[0].results) {
  assert(result.locations[0].physicalLocation.region.startLine >= 1);
  assert(result.partialFingerprints["charterPromise/v1"]);
}

// junit: a public parser, and further requirements of JUnit readers.
const { parse } = await import(require.resolve("junit2json").replace("cjs", "esm")).catch(() => require("junit2json"));
const suites = await parse(read("report.xml"));
const cases = suites.testsuite.flatMap((suite) => suite.testcase ?? []);
const names = cases.map((one) => `${one.classname}/${one.name}`);
assert(cases.length > 0);
assert.equal(new Set(names).size, names.length, "names of cases are unique");
const failed = cases.filter((one) => one.failure).length;
assert.equal(failed, report.groups.filter((group) => group.severity === "error" && !group.accepted).length);

// github: the documented syntax of workflow commands.
const annotations = (name) => {
  const lines = read(name).split("\n").filter(Boolean);
  for (const line of lines) assert.match(line, /^::(error|warning|notice) (\w+=[^,:\r\n]*)(,\w+=[^,:\r\n]*)*::[^\r\n]+$/);
  assert.equal(lines.filter((line) => !line.startsWith("::notice")).length, 10, "the number of annotations is the limit of GitHub");
  return lines;
};
const lines = annotations("report.github");
const first = annotations("unreadable.github");
assert(first.slice(0, 3).every((line) => /^::error file=[^,]*absent-\d\.ndjson,title=unreadable::/.test(line)), first.join("\n"));
assert(first.some((line) => /^::notice.*2 more inputs could not be read or judged completely$/.test(line)));

// html: a validator with its own rules.
const { HtmlValidate } = require("html-validate");
const validator = new HtmlValidate({ extends: ["html-validate:standard", "html-validate:a11y"], rules: { "no-inline-style": "off" } });
const result = await validator.validateString(read("report.html"));
const messages = result.results.flatMap((result) => result.messages).map((one) => `${one.line}:${one.column} ${one.ruleId}: ${one.message}`);
assert(result.valid, messages.slice(0, 10).join("\n"));

// gitlab: the members that GitLab documents.
const issues = json("report.gitlab");
assert(issues.length > 0);
for (const { description, check_name, fingerprint, severity, location } of issues) {
  for (const text of [description, check_name, fingerprint, location.path]) assert(typeof text === "string" && text !== "");
  assert(["info", "minor", "major", "critical", "blocker"].includes(severity), severity);
  assert(Number.isInteger(location.lines.begin) && location.lines.begin >= 1);
}
assert.equal(new Set(issues.map((issue) => issue.fingerprint)).size, issues.length, "fingerprints are unique");

console.log(`json, sarif (${sarif.runs[0].results.length} results), junit (${cases.length} cases), github (${lines.length} lines), html, gitlab (${issues.length} issues): valid`);
