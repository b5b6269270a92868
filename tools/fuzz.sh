#!/usr/bin/env bash
# fuzz: coverage-guided fuzzing of each parser in tests/fuzz, SECONDS_EACH (60) seconds a parser.
#
# Inputs start from the corpus in tests/fuzz/NAME/; what is found new stays in build/fuzz/NAME, a
# crash in build/fuzz/NAME-crash-*. Needs clang with its runtime (tools/setup.sh --dev). The last,
# `funnel`, tries cases instead of bytes: a million a rule against an exhaustive search.
set -euo pipefail
cd "$(dirname "$0")/.."
export LD_LIBRARY_PATH="$PWD/build/deps/lib"
command -v clang >/dev/null || { echo "fuzz: clang is not here: tools/setup.sh --dev" >&2; exit 1; }
for file in tests/fuzz/*.c; do
  name=$(basename "$file" .c)
  [ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
  make -s -j2 CC=clang MODE=asan OUT=build/fuzzing EXTRA_CFLAGS="-fsanitize=fuzzer-no-link -Wno-error" \
    "build/fuzzing/tests/fuzz/$name"
  mkdir -p "build/fuzz/$name"
  echo "== fuzz $name, ${SECONDS_EACH:-60} s"
  "build/fuzzing/tests/fuzz/$name" -max_total_time="${SECONDS_EACH:-60}" -max_len=8192 -timeout=10 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="build/fuzz/$name-crash-" \
    "build/fuzz/$name" "tests/fuzz/$name"
done
if [ $# -eq 0 ] || [[ " $* " == *" funnel "* ]]; then
  echo "== fuzz funnel, ${FUNNEL_CASES:-1000000} cases a rule"
  FUNNEL_CASES="${FUNNEL_CASES:-1000000}" make -s test ONLY=exhaustive_search
fi
