#!/usr/bin/env bash
# Builds the wheel and runs its tests in an environment of its own: python/test.sh [--spark] [--bench]
#
# --spark: also runs the recipe for Spark in local mode; needs a Java runtime and installs pyspark and pandas.
# --bench: builds the wheel with optimisations and measures its throughput.
# Needs Python 3.10 or newer, crates.io and PyPI. CHARTER_COMMAND names a built command `charter`; without it, the script builds one.
set -euo pipefail
cd "$(dirname "$0")"

spark='' bench='' profile=dev
for argument in "$@"; do
  case $argument in
    --spark) spark=1 ;;
    --bench) bench=1 profile=release ;;
    *) echo "unknown argument: $argument" >&2; exit 2 ;;
  esac
done

environment=${CHARTER_PYTHON_ENVIRONMENT:-target/environment}
python=$environment/bin/python
[ -x "$python" ] || python3 -m venv "$environment"
install() { "$python" -m pip install --quiet --disable-pip-version-check "$@"; }
install 'maturin>=1.7,<2' pytest pyarrow requests httpx jsonschema-rs
if [ -n "$spark" ]; then install pyspark 'pandas<3'; fi

if [ -z "${CHARTER_COMMAND:-}" ]; then
  (cd .. && "${CARGO:-cargo}" build --quiet -p charter-cli)
fi
rm -rf target/wheels
"$environment/bin/maturin" build --quiet --locked --profile "$profile" --out target/wheels --interpreter "$python"
install --force-reinstall --no-deps target/wheels/charter-*.whl
"$python" -m pytest --quiet tests
if [ -n "$bench" ]; then "$python" bench.py; fi
