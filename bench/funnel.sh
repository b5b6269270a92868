#!/usr/bin/env bash
# funnel: a 4-step funnel and sessions over sorted events, beside DuckDB's SQL of the same.
#   FUNNEL_MILLIONS=100 bench/run.sh funnel
set -euo pipefail
make -s build/release/bench/funnel >/dev/null
build/release/bench/funnel "${FUNNEL_MILLIONS:-100}"
