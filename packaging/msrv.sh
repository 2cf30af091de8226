#!/usr/bin/env bash
# Checks the crates to publish with the oldest Rust that they declare, `rust-version` in Cargo.toml. rustup installs it if it is missing.
#
# usage: packaging/msrv.sh [FOLDER]
#
# FOLDER is the target folder (target/msrv by default). The check takes about two minutes from an empty folder.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
rustup toolchain install "$version" --profile minimal --no-self-update
# Tests and benchmarks may need a later version.
packages=()
for manifest in crates/*/Cargo.toml codegen/Cargo.toml; do
  grep -q '^publish = false' "$manifest" || packages+=(--package "$(sed -n 's/^name = "\(.*\)"$/\1/p' "$manifest" | head -1)")
done
CARGO_TARGET_DIR=${1:-target/msrv} cargo "+$version" check --locked --all-features "${packages[@]}"
echo "Rust $version: $((${#packages[@]} / 2)) packages"
