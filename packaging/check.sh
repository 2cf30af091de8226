#!/usr/bin/env bash
# Checks the files of releases with independent tools: the action and the workflows with @action-validator/cli (npm), the hooks with
# pre-commit (PyPI). `docker build` and `brew audit` are not run: they need network access and macOS.
#
# usage: packaging/check.sh FOLDER
#
# FOLDER is where the tools are installed.
set -euo pipefail

tools=${1:?the folder of the tools}
cd "$(dirname "$0")/.."
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)
[ -x "$tools/venv/bin/pre-commit" ] || {
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check pre-commit==4.6.0
}
[ -x "$tools/node_modules/.bin/action-validator" ] ||
  npm install --silent --no-save --no-audit --no-fund --prefix "$tools" @action-validator/core@0.6.0 @action-validator/cli@0.6.0

"$tools/venv/bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
for file in action.yml .github/workflows/*.yml; do
  "$tools/node_modules/.bin/action-validator" "$file"
  echo "valid: $file"
done
for script in packaging/*.sh; do
  bash -n "$script"
done
