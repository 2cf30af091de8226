#!/usr/bin/env bash
# Runs the commands of docs/book/src/probe-your-api.md, then probes the same app with planted faults. Works under target/probe. CHARTER is the
# program; without it, it is built.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
if [ -z "${CHARTER:-}" ]; then
  cargo build --quiet -p charter-cli
  CHARTER=${CARGO_TARGET_DIR:-$PWD/target}/debug/charter
fi
book=$PWD/docs/book/src
rm -rf target/probe
mkdir -p target/probe
cd target/probe
cp "$book"/probe.in/* "$here/faulty.py" "$here/check.py" .

# The commands of the page, with a free port instead of 8000.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
{
  echo 'set -euo pipefail; trap "kill \$(jobs -p)" EXIT'
  sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$book/probe-your-api.md" | sed "s/8000/$port/g"
} > commands.sh
mkdir bin
ln -s "$CHARTER" bin/charter
grep -q 'charter probe .*--all' commands.sh
PATH="$PWD/bin:$PATH" bash commands.sh

port=$(free_port)
export SHOP_KEY=shop-key-of-the-example
venv/bin/uvicorn faulty:app --port "$port" --log-level warning &
trap 'kill %1' EXIT
curl --silent --fail --retry 50 --retry-delay 1 --retry-connrefused --output /dev/null "http://127.0.0.1:$port/right/health"
venv/bin/python check.py "$CHARTER" "http://127.0.0.1:$port"
# No recording and no report has the key.
if grep -rlF "$SHOP_KEY" --include='*.ndjson' --include='*.json' .; then
  echo 'a recording or a report contains the key'
  exit 1
fi
