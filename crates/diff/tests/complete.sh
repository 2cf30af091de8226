#!/usr/bin/env bash
# Changes each node of the given OpenAPI documents once, and checks that each change gives a line. A document of 1 MB takes an hour or more;
# CHARTER_COMPLETE_SHARE=20 judges one of 20 changes.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 DOCUMENT..." >&2; exit 2; }
for document; do [ -s "$document" ] || { echo "error: $document does not exist or is empty" >&2; exit 2; }; done
list=$(for document; do printf '%s:' "$(realpath "$document")"; done)
cd "$(dirname "$0")/../../.."
CHARTER_COMPLETE_DOCUMENTS=${list%:} exec cargo test --release -p charter-diff --test complete -- --nocapture
