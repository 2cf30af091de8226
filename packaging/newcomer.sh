#!/usr/bin/env bash
# The first steps of a new user, in empty folders: install the command from the packed crates, start a contract from three documents of
# other APIs, generate and compile types, check a recording, break it, and read, explain and reproduce the finding.
#
# usage: packaging/newcomer.sh [PROGRAM]
#
# PROGRAM is an installed `charter`; without it, the command is built from the packed crates, which takes some minutes. The third document
# needs CHARTER_TEST_DATA. The script prints the time of each step.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=$SECONDS
step() { echo "== $1 ($((SECONDS - start)) s)"; }
expect() {
  local code=$1
  shift
  local found=0
  "$@" > "$work/out" 2>&1 || found=$?
  [ "$found" = "$code" ] || { echo "$* ended with $found, not with $code:"; cat "$work/out"; exit 1; }
}
contains() { grep -qF -- "$1" "$work/out" || { echo "the output does not contain \"$1\":"; cat "$work/out"; exit 1; }; }

if [ $# -gt 0 ]; then
  charter=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
else
  step 'install'
  cd "$root"
  cargo package --workspace --no-verify --allow-dirty --quiet
  mkdir "$work/crates"
  for crate in target/package/*.crate; do tar -xzf "$crate" -C "$work/crates"; done
  # The crates of one version depend on each other, and are not in a registry yet.
  patches=()
  for folder in "$work"/crates/charter-*/; do
    name=$(sed -n 's/^name = "\(charter-[a-z-]*\)"$/\1/p' "$folder/Cargo.toml" | head -1)
    patches+=(--config "patch.crates-io.$name.path=\"${folder%/}\"")
  done
  cargo install --quiet --path "$work"/crates/charter-cli-*/ --root "$work/installed" "${patches[@]}"
  charter=$work/installed/bin/charter
  # The time of the steps begins after the build.
  echo "installed after $((SECONDS - start)) s"
  start=$SECONDS
fi

# The documents, each with a recording if there is one.
mkdir "$work/parcels" "$work/formats" "$work/runs"
cp "$root"/docs/book/src/tutorial.in/{openapi.yaml,traffic.ndjson} "$work/parcels/"
cp "$root/crates/traffic/tests/formats/openapi.yaml" "$work/formats/"
cp "$root/crates/traffic/tests/formats/polly/kept.har" "$work/formats/traffic.har"
document=${CHARTER_TEST_DATA:-}/eigenpal-openapi-2026-07.json
if [ -f "$document" ]; then cp "$document" "$work/runs/openapi.json"; else rmdir "$work/runs"; echo 'skipped: the third document; CHARTER_TEST_DATA does not have it'; fi

for folder in "$work"/*/; do
  name=$(basename "$folder")
  [ -f "$folder/openapi.yaml" ] || [ -f "$folder/openapi.json" ] || continue
  cd "$folder"
  step "$name: init, lint, generate"
  expect 0 "$charter" init openapi.*
  contains 'charter lint'
  expect 0 "$charter" lint
  # The commands that `init` prints as the next ones.
  expect 0 "$charter" generate --vendor --out src/types
  step "$name: compile"
  mkdir -p src
  printf 'mod types;\n\nfn main() {}\n' > src/main.rs
  {
    printf '[package]\nname = "newcomer"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\n'
    # The comment of the module lists the dependencies.
    sed -n '/^\/\/! ```toml$/,/^\/\/! ```$/{/```/d;s|^//! ||p}' src/types/mod.rs
  } > Cargo.toml
  expect 0 env CARGO_TARGET_DIR="$work/target" cargo check --quiet
done

cd "$work/formats"
step 'check a recording'
expect 0 "$charter" check traffic.har
contains 'kept: '
step 'break it'
cp "$root/crates/traffic/tests/formats/polly/broken.har" traffic.har
expect 1 "$charter" check traffic.har --report json=report.json --report html=report.html
contains 'broken: '
id=$(sed -n 's/^error\[\([^]]*\)\].*/\1/p' "$work/out" | head -1)
[ -n "$id" ] || { echo 'the report names no finding:'; cat "$work/out"; exit 1; }
step "read the finding $id"
expect 0 "$charter" explain "$id"
contains 'What to do'
expect 0 "$charter" extract report.json "$id" -o one.har
expect 1 "$charter" check one.har
contains "error[$id]"
step 'done'
