#!/usr/bin/env bash
# paths: moves of the sessions of 30 million events; no peer, the bound is 400 ms.
#   PATHS_MILLIONS=100 bench/run.sh paths
set -euo pipefail
make -s build/release/bench/paths >/dev/null
build/release/bench/paths "${PATHS_MILLIONS:-30}"
