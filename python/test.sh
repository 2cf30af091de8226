#!/usr/bin/env bash
# Builds the wheel and runs its tests in an environment of its own: python/test.sh [--bench]
#
# --bench: builds the wheel with optimisations and measures its throughput.
# Needs Python 3.10 or newer, crates.io and PyPI. The recipe for Spark runs in local mode if there is a Java runtime. CHARTER_COMMAND names a built command `charter`; without
# it, the script builds one. The wheel is built in the target folder of the workspace, unless CARGO_TARGET_DIR names another one, so that dependencies are built once.
set -euo pipefail
if [ -n "${CHARTER_COMMAND:-}" ]; then
  CHARTER_COMMAND=$(realpath "$CHARTER_COMMAND")
  export CHARTER_COMMAND
fi
cd "$(dirname "$0")"

bench='' profile=dev
for argument in "$@"; do
  case $argument in
    --bench) bench=1 profile=release ;;
    *) echo "unknown argument: $argument" >&2; exit 2 ;;
  esac
done

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../target}
environment=${CHARTER_PYTHON_ENVIRONMENT:-target/environment}
python=$environment/bin/python
[ -x "$python" ] || python3 -m venv "$environment"
install() { "$python" -m pip install --quiet --disable-pip-version-check "$@"; }
install 'maturin>=1.7,<2' pytest pyarrow requests httpx jsonschema-rs
if java -version >/dev/null 2>&1; then
  install pyspark 'pandas<3'
else
  echo 'skipped: the recipe for Spark; there is no Java runtime'
fi

if [ -z "${CHARTER_COMMAND:-}" ]; then
  (cd .. && "${CARGO:-cargo}" build --quiet -p charter-cli)
  export CHARTER_COMMAND=$CARGO_TARGET_DIR/debug/charter
fi
rm -rf target/wheels
"$environment/bin/maturin" build --quiet --locked --profile "$profile" --out target/wheels --interpreter "$python"
install --force-reinstall --no-deps target/wheels/charter-*.whl
"$python" -m pytest --quiet -ra tests
if [ -n "$bench" ]; then
  install pyyaml
  "$python" bench.py
fi
