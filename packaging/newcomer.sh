#!/usr/bin/env bash
# The first steps of a new user, in empty folders: install the command from the packed crates, do what the tutorial of the book says, then the
# same with three documents of other APIs of this repository and with three published documents (packaging/newcomer/foreign), which are
# downloaded. All commands are read from the page (packaging/newcomer.py).
#
# usage: packaging/newcomer.sh [PROGRAM]
#
# PROGRAM is an installed `charter`; without it, the command is built from the packed crates, so that a file that is missing in a package is
# found. The build uses the dev profile and the target folder of this workspace, which may have the dependencies already.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then
  charter=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
else
  cd "$root"
  start=$SECONDS
  target=${CARGO_TARGET_DIR:-$root/target}
  rm -rf "$target"/package/*.crate
  cargo package --workspace --no-verify --allow-dirty --quiet
  mkdir "$work/crates"
  for crate in "$target"/package/*.crate; do tar -xzf "$crate" -C "$work/crates"; done
  # The crates of one version depend on each other, and are not in a registry yet.
  {
    printf '[workspace]\nresolver = "3"\nmembers = ["charter-*"]\n\n[patch.crates-io]\n'
    for folder in "$work"/crates/charter-*/; do
      name=$(sed -n 's/^name = "\(charter-[a-z-]*\)"$/\1/p' "$folder/Cargo.toml" | head -1)
      printf '%s = { path = "%s" }\n' "$name" "$(basename "$folder")"
    done
    # The same profile, so that dependencies are built once.
    sed -n '/^\[profile\.dev\]$/,/^$/p' Cargo.toml
  } > "$work/crates/Cargo.toml"
  cp Cargo.lock "$work/crates/"
  (cd "$work/crates" && CARGO_TARGET_DIR="$target" cargo build --quiet --package charter-cli)
  mkdir "$work/bin"
  cp "$target/debug/charter" "$work/bin/charter"
  charter=$work/bin/charter
  echo "installed from $(ls "$work/crates" | grep -c '^charter-') packed crates after $((SECONDS - start)) s"
fi

python3 "$root/packaging/newcomer.py" "$charter" "$work"
