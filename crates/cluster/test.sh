#!/usr/bin/env bash
# Runs a cluster of one scheduler and three workers on this machine and compares its reports with those of one process: crates/cluster/test.sh [--size SIZE] [--measure]
#
# --size: bytes of the archive [default: 40MB]. --measure: also measures one and two workers; the machine must be idle.
# Needs Python 3.10 or newer, crates.io and PyPI. CHARTER_XTASK names a built `xtask`, which writes the corpus; without it, the script builds one. The programs are built in
# the target folder of the workspace, unless CARGO_TARGET_DIR names another one.
set -euo pipefail
if [ -n "${CHARTER_XTASK:-}" ]; then
  CHARTER_XTASK=$(realpath "$CHARTER_XTASK")
  export CHARTER_XTASK
fi
cd "$(dirname "$0")"

size=40MB measure=''
while [ $# -gt 0 ]; do
  case $1 in
    --size) size=${2:?--size needs a size}; shift 2 ;;
    --measure) measure=--measure; shift ;;
    *) echo "unknown argument: $1" >&2; exit 2 ;;
  esac
done

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}
environment=${CHARTER_CLUSTER_ENVIRONMENT:-$CARGO_TARGET_DIR/cluster-environment}
python=$environment/bin/python
[ -x "$python" ] || python3 -m venv "$environment"
"$python" -m pip install --quiet --disable-pip-version-check pyarrow 'moto[server]'

if [ -z "${CHARTER_XTASK:-}" ]; then
  (cd ../.. && "${CARGO:-cargo}" build --quiet -p xtask)
  export CHARTER_XTASK=$CARGO_TARGET_DIR/debug/xtask
fi
"${CARGO:-cargo}" fmt --check
"${CARGO:-cargo}" clippy --quiet --locked --all-targets -- --deny warnings
"${CARGO:-cargo}" test --quiet --locked
"${CARGO:-cargo}" build --quiet --locked
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" tests/archive.py --size "$size" --folder "$work"
"$python" tests/cluster.py --program "$CARGO_TARGET_DIR/debug/charter-cluster" --folder "$work" $measure
