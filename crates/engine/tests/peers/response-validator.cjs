// Reads a JSON array of responses on standard input, and prints an array of verdicts of openapi-response-validator.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const require_ = createRequire(process.argv[2] + "/");
const { default: Validator } = require_("openapi-response-validator");

const judge = ({ responses, components, status, body }) => {
  try {
    const validator = new Validator({ responses, components });
    return validator.validateResponse(status, body) === undefined ? "accepts" : "refuses";
  } catch (error) {
    return `fails: ${error.message}`;
  }
};

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(judge)));
