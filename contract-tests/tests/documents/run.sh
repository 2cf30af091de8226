#!/usr/bin/env bash
# Lints published OpenAPI documents and checks their documented examples and, where there are any, recorded exchanges.
#
# usage: CHARTER_DOCUMENTS=FOLDER [CHARTER=PROGRAM] contract-tests/tests/documents/run.sh [NAME…]
#
# The documents are not part of this repository. Each line of the list below names a document: its name, its path below the folder, and
# where it is published. A document that the folder does not contain is skipped. Recorded exchanges are read from FOLDER/traffic/NAME,
# as HAR files. The script fails if a document does not load. It does not fail because of findings: examples and recordings of others
# can violate their contracts. The last lines are a table in Markdown: version, operations, CPU time and peak memory of `lint`.
set -euo pipefail

folder=${CHARTER_DOCUMENTS:?names the folder of the documents; this script says where each is published}
program=${CHARTER:-charter}
documents="
github github/api.github.com.json the npm package @octokit/openapi, generated/api.github.com.json
datadog-v1 datadog/v1/openapi.yaml github.com/DataDog/datadog-api-client-typescript, .generator/schemas/v1/openapi.yaml
datadog-v2 datadog/v2/openapi.yaml github.com/DataDog/datadog-api-client-python, .generator/schemas/v2/openapi.yaml
openai openai/openapi.json github.com/openai/openai-openapi, openapi.json
kubernetes-core kubernetes/api/v1.json github.com/kubernetes/kubectl, testdata/openapi/v3/api/v1.json
kubernetes-apps kubernetes/apis/apps/v1.json github.com/kubernetes/kubectl, testdata/openapi/v3/apis/apps/v1.json
digitalocean digitalocean/DigitalOcean-public.v2.yaml github.com/digitalocean/openapi, specification/
box box/openapi.json github.com/box/box-openapi, openapi.json
twilio twilio/twilio_api_v2010.json github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json
stripe-2020-03-02 stripe/spec3.json github.com/stripe/openapi, openapi/spec3.json of the version 2020-03-02
stripe-2023-08-16 stripe/spec3.yaml github.com/stripe/openapi, openapi/spec3.yaml of the version 2023-08-16
"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# Runs the program and prints the last line of its output, its time and its peak memory. Exit codes above 1 other than 3 are failures.
measure() {
  local code=0
  /usr/bin/time -f '%e s, %U s user, %M KB' -o "$work/time" "$program" "$@" >"$work/out" 2>"$work/err" || code=$?
  printf '  %s: %s | %s\n' "$1" "$(tail -n 1 "$work/out")" "$(tail -n 1 "$work/time")"
  if [ "$code" -eq 2 ] || [ "$code" -gt 3 ]; then
    tail -n 3 "$work/err"
    status=1
  fi
}

# Adds the row of a document, from the last `lint`, to the table.
row() {
  local summary operations errors seconds kilobytes
  summary=$(tail -n 1 "$work/out")
  operations=$(sed -n -E 's/.*, ([0-9]+) operations?, .*/\1/p' <<<"$summary")
  errors=$(sed -n -E 's/.*: ([0-9]+) errors?, .*/\1/p' <<<"$summary")
  seconds=$(tail -n 1 "$work/time" | sed -E 's/.*, ([0-9.]+) s user, .*/\1/')
  kilobytes=$(tail -n 1 "$work/time" | sed -E 's/.*, ([0-9]+) KB$/\1/')
  printf '| %s | %s | %s | %s s | %s MB | %s |\n' "$1" "$2" "${operations:-?}" "$seconds" "$((kilobytes / 1024))" "${errors:-?}" >>"$work/table"
}

judge() {
  local name=$1 path=$2 origin=$3
  if [ ! -f "$folder/$path" ]; then
    printf '%s: skipped, no %s; published as %s\n' "$name" "$path" "$origin"
    return
  fi
  # The first line with `version` after the line with `info`.
  local version
  version=$(sed -n -E '/^ *"?info"?:/,/"?version"?:/p' "$folder/$path" | sed -n -E "s/^ *\"?version\"?: *[\"']?([^\"',]+).*/\\1/p" | head -n 1)
  printf '%s %s\n' "$name" "${version:-of unknown version}"
  measure lint --contract "$folder/$path"
  row "$name" "${version:-unknown}"
  measure check --contract "$folder/$path" --examples --no-exchanges pass
  if [ -d "$folder/traffic/$name" ]; then
    measure check --contract "$folder/$path" "$folder/traffic/$name/**/*.har"
  fi
}

while read -r name path origin; do
  if [ -n "$name" ] && { [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; }; then
    judge "$name" "$path" "$origin"
  fi
done <<<"$documents"

# All documents of github.com/Adyen/adyen-openapi, json/. Those of notifications describe webhooks only, so that no exchange can belong
# to them.
for path in "$folder"/adyen/*.json; do
  if [ -f "$path" ] && { [ $# -eq 0 ] || [[ " $* " == *" adyen "* ]]; }; then
    printf 'adyen %s\n' "$(basename "$path" .json)"
    measure lint --contract "$path"
    if grep -q '"paths"' "$path"; then
      measure check --contract "$path" --examples --no-exchanges pass
    fi
  fi
done
if [ -f "$work/table" ]; then
  printf '\n| document | version | operations | CPU time | peak memory | errors of `lint` |\n|---|---|--:|--:|--:|--:|\n'
  cat "$work/table"
fi
exit "$status"
