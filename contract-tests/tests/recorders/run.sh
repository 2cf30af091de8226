#!/usr/bin/env bash
# Records the same exchanges with the real programs of every recording format, on loopback, and compares the verdicts with those on a HAR.
# Works under target/. Installs packages of PyPI and npm there; needs Python, Node.js, Ruby with vcr, webmock and multi_json, Chromium and Java.
# `run.sh OUT` writes the recordings to OUT as well.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
generate=$PWD/crates/traffic/tests/formats/generate
work=$PWD/target/recorders
charter=${CHARTER:-$PWD/target/debug/charter}
[ -n "${CHARTER:-}" ] || cargo build --quiet -p charter-cli
mkdir -p "$work"

missing=()
command -v java >/dev/null || missing+=(default-jre-headless)
command -v chromium >/dev/null || missing+=(chromium)
command -v jq >/dev/null || missing+=(jq)
ruby -e 'require "vcr"; require "webmock"; require "multi_json"' 2>/dev/null || missing+=(ruby ruby-vcr ruby-webmock ruby-multi-json)
if [ ${#missing[@]} -gt 0 ]; then
  root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" &
cp "$here/package.json" "$work/"
(cd "$work" && npm install --no-audit --no-fund --silent)
wait $!

out=$work/out
rm -rf "$out" "$work/contracts"
mkdir -p "$out" "$work/contracts"

# record FORM: a server of its own for each form, so that the forms are recorded at the same time.
record() {
  local form=$1
  coproc SERVER { exec "$work/venv/bin/python" "$generate/server.py" 0 "$form" 2>/dev/null; }
  local server=$SERVER_PID port
  read -r port <&"${SERVER[0]}"
  export ORDERS_URL=http://127.0.0.1:$port
  sed "s|http://orders.example|$ORDERS_URL|" "$generate/../openapi.yaml" > "$work/contracts/$form.yaml"
  export ORDERS_CONTRACT=$work/contracts/$form.yaml
  (cd "$work" && NODE_PATH=$work/node_modules node "$generate/record.js" "$form" "$out")
  "$work/venv/bin/python" "$generate/tools.py" "$form" "$out"
  case $form in
    *gzip) ;;
    *) ruby "$generate/record.rb" "$form" "$out" ;;
  esac
  kill "$server"
}

status=0
for pair in "kept kept-gzip" "broken broken-gzip"; do
  pids=()
  for form in $pair; do
    record "$form" > "$work/$form.log" 2>&1 &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || status=1
  done
done
if [ $status != 0 ]; then
  tail -n 20 "$work"/*.log
  exit 1
fi
# JSON texts one after the other, and text sequences.
for form in kept broken; do
  mkdir -p "$out/jq"
  "$charter" convert "$out/polly/$form.har" -o "$work/$form.ndjson" --quiet
  jq . "$work/$form.ndjson" > "$out/jq/$form.json"
  # With --seq, jq expects a sequence as its input as well.
  jq --seq --null-input --slurpfile exchanges "$work/$form.ndjson" '$exchanges[]' > "$out/jq/$form.json-seq"
done
"$work/venv/bin/python" "$here/compare.py" "$charter" "$out" "$work/contracts"
if [ $# -gt 0 ]; then
  cp -r "$out/." "$1/"
fi
