#!/usr/bin/env bash
# run: every benchmark in turn, or those whose names are given: bench/run.sh csv als
#
# Each prints its figures and a ratio against a real alternative. Python peers live in build/peers,
# as pinned in bench/requirements.txt; a benchmark whose peer is not there says so and goes on.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/peers/bin:$PATH"
failed=0
for file in bench/*.sh bench/*.py; do
  name=$(basename "$file"); name=${name%.*}
  [ "$name" = run ] && continue
  [ -f "$file" ] || continue
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  echo "== $name"
  case "$file" in
    *.sh) bash "$file" ;;
    *.py) python3 "$file" ;;
  esac || { echo "bench $name failed" >&2; failed=1; }
done
exit $failed
