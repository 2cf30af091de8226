#!/usr/bin/env bash
# Large and streaming bodies through `charter proxy`: its memory grows by less than 256 MiB, and events arrive when they are sent.
# A command to test may be given; the default is the debug build. SIZE is the size of the large bodies in bytes.
set -euo pipefail
cd "$(dirname "$0")/../../.."
charter=$(realpath "${1:-target/debug/charter}")
size=${SIZE:-1073741824}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

cat > "$work/openapi.yaml" <<'END'
openapi: 3.1.0
info: {title: large bodies, version: "1"}
paths:
  /download: {get: {operationId: download, responses: {"200": {description: d, content: {application/octet-stream: {}}}}}}
  /upload: {post: {operationId: upload, requestBody: {content: {application/octet-stream: {}}}, responses: {"200": {description: d, content: {application/json: {schema: {type: object}}}}}}}
  /events: {get: {operationId: events, responses: {"200": {description: d, content: {text/event-stream: {}}}}}}
END
python3 contract-tests/tests/proxy/server.py "$size" > "$work/port" &
pids+=($!)
until [ -s "$work/port" ]; do sleep 0.1; done
"$charter" proxy --contract "$work/openapi.yaml" --upstream "http://127.0.0.1:$(cat "$work/port")" --record "$work/traffic.ndjson" --report json="$work/report.json" \
  2> "$work/messages" &
proxy=$!
pids+=("$proxy")
until grep -q 'listening on' "$work/messages" 2> /dev/null; do sleep 0.1; done
url=$(sed -n 's/.*listening on \(http[^,]*\),.*/\1/p' "$work/messages")

memory() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$proxy/status"; }
# A debug build is large itself.
idle=$(memory)
seconds() { date +%s.%N; }
since() { echo "$(seconds) - $1" | bc; }
begun=$(seconds)
received=$(curl --silent --fail "$url/download" | wc -c)
[ "$received" = "$size" ] || { echo "the download has $received bytes instead of $size" >&2; exit 1; }
echo "download of $size bytes: $(since "$begun") s"
begun=$(seconds)
head -c "$size" /dev/zero | curl --silent --fail --request POST --header 'content-type: application/octet-stream' --header "content-length: $size" --header 'transfer-encoding:' \
  --upload-file - "$url/upload" > /dev/null
echo "upload of $size bytes: $(since "$begun") s"
# Each event arrives when it is sent: the first long before the last.
begun=$(seconds)
curl --silent --fail --no-buffer "$url/events" | while read -r line; do [ -z "$line" ] || echo "$(seconds) $line"; done > "$work/events"
first=$(echo "$(head -1 "$work/events" | cut -d' ' -f1) - $begun" | bc)
last=$(echo "$(tail -1 "$work/events" | cut -d' ' -f1) - $begun" | bc)
echo "events: the first after $first s, the last after $last s"
[ "$(echo "$last - $first > 1" | bc)" = 1 ] || { echo 'the events arrive together' >&2; exit 1; }
peak=$(memory)
echo "peak memory of the proxy: $((peak / 1024)) MiB, $((idle / 1024)) MiB before the first request"
# A copy of a body is kept up to --max-body, 64 MiB. While it grows, its bytes are there twice, and the allocator keeps what was freed for the next body.
[ "$((peak - idle))" -lt 262144 ] || { echo 'the proxy needs more than 256 MiB for the bodies' >&2; exit 1; }
kill -INT "$proxy"
# The large bodies have no schema, so that the verdict is success.
code=0
wait "$proxy" || code=$?
cat "$work/messages" >&2
echo "exit code of the proxy: $code"
exit "$code"
