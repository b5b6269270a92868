#!/usr/bin/env bash
# prices: how often 95 % intervals of categories hold the planted elasticity, over SEEDS demo shops
# (default 50); no peer, the bound is 93 to 97 %.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/atelier build/release/bench/prices
shops=()
for seed in $(seq 1 "${SEEDS:-50}"); do
  shop=build/bench/prices-$seed
  build/atelier demo "$shop" --size small --seed "$seed" --force >/dev/null 2>&1
  rm -f "$shop"/events.csv.gz "$shop"/reviews.csv
  shops+=("$shop")
done
build/release/bench/prices "${shops[@]}"
rm -rf "${shops[@]}"
