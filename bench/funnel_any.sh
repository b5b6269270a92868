#!/usr/bin/env bash
# funnel_any: funnels of any spec over a published log of 30 million events.
set -euo pipefail
make -s build/release/bench/funnel_any >/dev/null
build/release/bench/funnel_any "${FUNNEL_MILLIONS:-30}"
