#!/usr/bin/env bash
# Makes the archive of a release: the stripped program, its manual page, completions, the license and the changelog.
#
# usage: packaging/archive.sh PROGRAM NAME [FOLDER]
#
# Writes FOLDER/NAME.tar.gz and its SHA-256 (FOLDER is the current one by default).
set -euo pipefail

program=${1:?the program}
name=${2:?the name of the archive, such as charter-x86_64-unknown-linux-musl}
folder=${3:-.}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/$name/completions" "$folder"
cp "$program" "$work/$name/charter"
strip "$work/$name/charter"
"$program" man >"$work/$name/charter.1"
"$program" completions bash >"$work/$name/completions/charter.bash"
"$program" completions zsh >"$work/$name/completions/_charter"
"$program" completions fish >"$work/$name/completions/charter.fish"
cp "$root/LICENSE" "$root/CHANGELOG.md" "$work/$name/"
tar -C "$work" -czf "$folder/$name.tar.gz" "$name"
(cd "$folder" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
size=$(stat -c %s "$work/$name/charter")
printf '%s.tar.gz: the program has %s bytes\n' "$name" "$size"
if [ "$size" -gt $((30 << 20)) ]; then
  echo "error: the program is larger than 30 MiB" >&2
  exit 1
fi
