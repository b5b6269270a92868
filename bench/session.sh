#!/usr/bin/env bash
# session: how long a session query takes over a million sessions; no peer, the bound is 2 ms at p90.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/release/bench/session && build/release/bench/session
