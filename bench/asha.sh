#!/usr/bin/env bash
# asha: sweeps saved by giving iALS trials up early, and what of the best score that costs.
#
#     bench/asha.sh [SEED…]      (half an hour a seed on two busy cores)
set -euo pipefail
rows=${ATELIER_DATA:-../shared/data}/interactions/Beauty.txt
if [ ! -f "$rows" ]; then
  echo "skipped: no $rows"
  exit 0
fi
make -s build/atelier
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
(echo user,item; awk '{for (i = 2; i <= NF; i++) print $1 "," $i}' "$rows") > "$at/rows.csv"
for seed in "${@:-1}"; do
  for how in "" --whole; do
    build/atelier tune recommend --in "$at/rows.csv" --trials 40 --seed "$seed" $how --json \
      > "$at/$seed$how.json"
  done
  python3 - "$at/$seed.json" "$at/$seed--whole.json" "$seed" <<'EOF'
import json, sys
early, whole = (json.load(open(f)) for f in sys.argv[1:3])
saved = 1 - early["steps"] / early["steps_without_pruning"]
loss = 1 - early["best"]["score"] / whole["best"]["score"]
print(f"seed {sys.argv[3]}: {early['steps']} of {early['steps_without_pruning']} sweeps "
      f"({saved:.1%} saved), best {early['metric']} {early['best']['score']:.5f} against "
      f"{whole['best']['score']:.5f} of whole trials ({loss:+.2%})")
EOF
done
