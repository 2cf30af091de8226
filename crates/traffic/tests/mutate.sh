#!/usr/bin/env bash
# Changes the recordings of every program at random, reads and masks them: `mutate.sh [SECONDS] [SEED]`, seconds for each program.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export CHARTER_MUTATION_SECONDS=${1:-30} CHARTER_MUTATION_SEED=${2:-$RANDOM}
echo "seed $CHARTER_MUTATION_SEED"
cargo test --quiet -p charter-traffic --all-features --test hostile mutated -- --nocapture
