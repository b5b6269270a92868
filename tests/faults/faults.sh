#!/bin/sh
# faults: every fault test on a part of a tiny demo shop: faults.sh PROGRAM FOLDER [ROW …], as P01
set -eu
program=$1 where=$2
shift 2
export ATELIER_WEIGHTS=none
rm -rf "$where" && mkdir -p "$where"
"$program" demo "$where/whole" --size tiny --seed 3 >"$where/log" 2>&1
python3 tests/faults/smaller.py "$where/whole" "$where/shop"
"$program" run "$where/shop" --out "$where/out" --threads 2 >>"$where/log" 2>&1
# Step 09 looks at the bundle before: made again beside one, it has what every later run leaves.
rm -r "$where/out/09_insight"
"$program" run "$where/shop" --out "$where/out" --threads 2 >>"$where/log" 2>&1
exec python3 tests/faults/run.py "$program" "$where/shop" "$where/out" "$where/work" "$@"
