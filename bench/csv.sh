#!/usr/bin/env bash
# csv: the validating CSV reader against DuckDB's, typed columns into a table, both in one process.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/release/bench/csv
mkdir -p build/bench
build/release/bench/csv build/bench/transactions.csv "${ROWS:-2000000}"
