#!/usr/bin/env bash
# Runs a cluster of one scheduler and three workers on this machine and compares its reports with those of one process: crates/cluster/test.sh [--size SIZE] [--release]
#
# --size: bytes of the archive [default: 40MB]. --release: builds with all optimisations and measures one and two workers.
# Needs Python 3.10 or newer, crates.io and PyPI. CHARTER_XTASK names a built `xtask`, which writes the corpus; without it, the script builds one. The programs are built in
# the target folder of the workspace, unless CARGO_TARGET_DIR names another one.
set -euo pipefail
cd "$(dirname "$0")"

size=40MB profile=dev folder=debug measure=''
while [ $# -gt 0 ]; do
  case $1 in
    --size) size=${2:?--size needs a size}; shift 2 ;;
    --release) profile=release folder=release measure=--measure; shift ;;
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
"${CARGO:-cargo}" test --quiet --locked --profile "$profile"
"${CARGO:-cargo}" build --quiet --locked --profile "$profile"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" tests/archive.py --size "$size" --folder "$work"
"$python" tests/cluster.py --program "$CARGO_TARGET_DIR/$folder/charter-cluster" --folder "$work" $measure
