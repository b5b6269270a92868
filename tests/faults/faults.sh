#!/bin/sh
# faults: every fault test on a tiny demo shop of its own: faults.sh PROGRAM FOLDER
set -eu
program=$1 where=$2
export ATELIER_WEIGHTS=none
rm -rf "$where" && mkdir -p "$where"
"$program" demo "$where/shop" --size tiny --seed 3 >"$where/log" 2>&1
"$program" run "$where/shop" --out "$where/out" --threads 2 >>"$where/log" 2>&1
exec python3 tests/faults/run.py "$program" "$where/shop" "$where/out" "$where/work"
