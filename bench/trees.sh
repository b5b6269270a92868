#!/usr/bin/env bash
# trees: time of ranking 100 candidates with 200 trees, our evaluator beside LightGBM's own.
set -euo pipefail
make -s build/release/bench/trees >/dev/null
for level in "" avx2 plain; do
  for leaves in 31 63; do
    echo "instructions: ${level:-the best here}"
    ${level:+env ATELIER_SIMD=$level} build/release/bench/trees "$leaves"
  done
done
