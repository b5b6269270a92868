#!/usr/bin/env bash
# affinity: the best 20 partners of each article over 30 million lines, beside DuckDB's pair counts.
set -euo pipefail
make -s build/release/bench/affinity >/dev/null
build/release/bench/affinity "${AFFINITY_MILLIONS:-30}"
