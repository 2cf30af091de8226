#!/usr/bin/env sh
# Runs the fuzz target of each recording format for some seconds, with the fixtures as initial inputs: sh fuzz/formats/run.sh [SECONDS] [TARGET...]
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | grep -v '^charter')
fixtures=../../crates/traffic/tests/formats
for target in "$@"; do
  case $target in
    har) folders='polly playwright schemathesis/*.har' ;;
    lines | concatenated | json_seq) folders='schemathesis/*.ndjson' ;;
    vcr) folders='vcr/*.json vcrpy/*.json betamax' ;;
    vcr_yaml) folders='vcr/*.yml vcrpy/*.yaml schemathesis/*.yaml' ;;
    schemathesis) folders='schemathesis/*.ndjson' ;;
    openapi) folders='openapi openapi.yaml' ;;
    rows) folders='columns/*.ndjson' ;;
    parquet) folders='columns/*.parquet' ;;
    *) folders=$target ;;
  esac
  mkdir -p "corpus/$target" "seeds/$target"
  for folder in $folders; do
    find $fixtures/$folder -type f -size -64k -exec sh -c 'cp "$1" "$2/$(echo "$1" | cksum | cut -d" " -f1)"' sh {} "seeds/$target" \; 2>/dev/null || true
  done
  echo "== $target"
  cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "seeds/$target" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=65536 -print_final_stats=1 ||
    { echo "the target $target failed; the input is in artifacts/$target" >&2; exit 1; }
done
