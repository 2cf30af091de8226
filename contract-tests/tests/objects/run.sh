#!/usr/bin/env bash
# Recordings in a real server of S3 (moto) and on a web server with TLS are read by `charter` with the feature `cloud`, and have the findings of the same files.
# A command with the feature may be given.
set -euo pipefail
cd "$(dirname "$0")/../../.."
charter=${1:-}
if [ -z "$charter" ]; then
  cargo build --quiet -p charter-cli --features cloud
  charter=target/debug/charter
fi
charter=$(realpath "$charter")
fixtures=$(realpath crates/traffic/tests/formats)
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server,s3]==5.*' 'boto3==1.*' 'trustme==1.*'

"$work/venv/bin/python" - "$work" <<'END'
import sys, trustme
authority = trustme.CA()
authority.cert_pem.write_to_path(f"{sys.argv[1]}/ca.pem")
authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(f"{sys.argv[1]}/server.pem")
END
(cd "$fixtures" && exec "$work/venv/bin/python" - "$work" > "$work/https" <<'END'
import http.server, ssl, sys
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{sys.argv[1]}/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
END
) &
pids+=($!)
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/venv/bin/moto_server" --port "$port" > "$work/moto" 2>&1 &
pids+=($!)
export AWS_ACCESS_KEY_ID=example AWS_SECRET_ACCESS_KEY=an-example-secret AWS_REGION=us-east-1 AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_ALLOW_HTTP=true
export SSL_CERT_FILE="$work/ca.pem"
until curl --silent --output /dev/null "$AWS_ENDPOINT_URL"; do sleep 0.2; done
until [ -s "$work/https" ]; do sleep 0.1; done
"$work/venv/bin/python" - "$fixtures" <<'END'
import os, sys, boto3
store = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
store.create_bucket(Bucket="traffic")
for name in ["polly/kept.har", "polly/broken.har", "vcrpy/broken.yaml", "compressed/broken.json.gz", "mitmproxy/broken.flow"]:
    store.upload_file(f"{sys.argv[1]}/{name}", "traffic", name)
END

# The findings of an input, without its name.
findings() {
  "$charter" check "$1" --contract "$fixtures/openapi.yaml" --report json | python3 -c '
import json, sys
report = json.load(sys.stdin)
found = sorted(str([g.get("rule"), g.get("keyword"), s["exchange"]["index"], s["instanceLocation"]]) for g in report["groups"] for s in g["samples"])
print(report["summary"]["exchanges"], report["summary"]["errors"], *found)' || true
}
https="https://localhost:$(cat "$work/https")"
count=0
compare() {
  local wanted found
  wanted=$(findings "$1")
  found=$(findings "$2")
  [ -n "$wanted" ] && [ "$wanted" = "$found" ] || { printf '%s:\n  wanted %s\n  found  %s\n' "$2" "$wanted" "$found" >&2; exit 1; }
  count=$((count + 1))
}
for name in polly/kept.har polly/broken.har vcrpy/broken.yaml compressed/broken.json.gz mitmproxy/broken.flow; do
  compare "$fixtures/$name" "s3://traffic/$name"
  compare "$fixtures/$name" "$https/$name"
done
mkdir "$work/folder"
cp "$fixtures/polly/kept.har" "$fixtures/polly/broken.har" "$work/folder"
compare "$work/folder" s3://traffic/polly/
"$charter" convert s3://traffic/vcrpy/broken.yaml -o "$work/converted.ndjson"
compare "$fixtures/vcrpy/broken.yaml" "$work/converted.ndjson"
code=0
"$charter" check s3://traffic/none.har --contract "$fixtures/openapi.yaml" > "$work/none" 2>&1 || code=$?
[ "$code" = 3 ] && grep -q 'no such object' "$work/none" || { cat "$work/none" >&2; exit 1; }
! grep -q an-example-secret "$work/none"
echo "$count inputs from object stores have the findings of the files"
