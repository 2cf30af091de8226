#!/usr/bin/env bash
# Renders every report format for the bundled recordings and validates each with an independent tool. Works under target/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
work=target/formats
mkdir -p "$work/reports"
cp "$here/package.json" "$work/"
(cd "$work" && npm install --no-audit --no-fund --silent)
charter() { cargo xtask "$@"; }
reports=()
for format in json=json junit=xml sarif=sarif github=github html=html gitlab=gitlab; do
  reports+=(--report "${format%=*}=$work/reports/report.${format#*=}")
done
unset GITHUB_STEP_SUMMARY
charter check contract-tests/recordings/broken contract-tests/recordings/kept --quiet "${reports[@]}" && code=0 || code=$?
[ "$code" = 1 ] || { echo "check exited with $code, not with 1"; exit 1; }
# Inputs that cannot be read are annotations, too.
charter check "$work/absent-"{1..5}.ndjson contract-tests/recordings/broken --quiet --report github="$work/reports/unreadable.github" && code=0 || code=$?
[ "$code" = 3 ] || { echo "check exited with $code, not with 3"; exit 1; }
charter schema report > "$work/reports/report.schema.json"
# 10,000 findings, each with an injected script.
node -e '
  const line = JSON.stringify({"<script>globalThis.planted=1</script><img src=x onerror=globalThis.planted=1>": 1, issues: [], requestId: "r"});
  process.stdout.write((line + "\n").repeat(10000));
' > "$work/many.ndjson"
node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const envelope = (body) => JSON.stringify({format: "charter-exchange/1", startedDateTime: "2026-07-14T09:00:00Z", time: 1, request: {method: "GET", url: "/api/v1/runs/r", headers: [{name: "authorization", value: "Bearer ***"}]}, response: {status: 404, headers: [{name: "content-type", value: "application/json"}], body}, masked: [], headersComplete: false});
  const lines = readFileSync(process.argv[1], "utf8").trim().split("\n").map((line) => envelope(JSON.parse(line)));
  writeFileSync(process.argv[1], lines.join("\n") + "\n");
' "$work/many.ndjson"
charter check "$work/many.ndjson" --quiet --samples all --report html="$work/reports/many.html" --report json="$work/reports/many.json" && code=0 || code=$?
[ "$code" = 1 ] || { echo "check exited with $code, not with 1"; exit 1; }
cd "$work"
node "$here/formats.mjs" reports
node "$here/browser.mjs" reports/report.html reports/many.html screenshots
