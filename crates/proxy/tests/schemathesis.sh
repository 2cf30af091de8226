#!/bin/sh
# Runs Schemathesis through the proxy: sh crates/proxy/tests/schemathesis.sh UPSTREAM DOCUMENT [FLAG...]
#
# UPSTREAM is a server of DOCUMENT, an OpenAPI document; it is also the contract that the proxy judges by. The flags go to Schemathesis.
# CHARTER is the program, and PYTHON a Python with Schemathesis: python3 -m venv venv && venv/bin/pip install schemathesis
set -eu
upstream=$1 document=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
code=0
"${CHARTER:-charter}" proxy --upstream "$upstream" --contract "${CONTRACT:-$document}" --record "$folder/traffic.ndjson" --quiet \
  --report "json=$folder/proxy.json" -- sh -c '
    python=$1 document=$2
    shift 2
    "$python" -m schemathesis.cli run "$document" --url "$CHARTER_PROXY_URL${BASE_PATH:-}" "$@" >"$0/schemathesis.log" 2>&1
  ' "$folder" "${PYTHON:-python3}" "$document" "$@" || code=$?
tail -n 3 "$folder/schemathesis.log"
again=0
"${CHARTER:-charter}" check "$folder/traffic.ndjson" --contract "${CONTRACT:-$document}" --quiet --report "json=$folder/check.json" || again=$?
"${PYTHON:-python3}" - "$folder/proxy.json" "$folder/check.json" <<'PYTHON'
import json, sys
proxy, check = (json.load(open(path)) for path in sys.argv[1:])
groups = lambda report: sorted((group["fingerprint"], group["count"]) for group in report["groups"])
assert groups(proxy) == groups(check), "the proxy and the check of its recording have different findings"
print(json.dumps(proxy["summary"]))
PYTHON
echo "exit codes: proxy $code, check of the recording $again"
