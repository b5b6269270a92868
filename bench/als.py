#!/usr/bin/env python3
"""als: seconds an iteration of Atelier's iALS and of PyPI `implicit`, run in turns on the same data.

Usage: bench/als.py [small] [large]      (default: both)
Prints both medians and the ratio (peer / ours: above 1, ours is faster) for 1 and 2 threads.
Data are synthetic: log-normal customer degrees, log-normal article popularity.
"""
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SIZES = {"small": (20_000, 5_000, 64), "large": (200_000, 50_000, 64)}
ROUNDS, ITERATIONS = 3, 3
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # both programs bring their own threads

try:
    import implicit
    import numpy as np
    import scipy.sparse as sp
except ImportError as missing:
    print(f"skipped: {missing.name} is not here; tools/setup.sh --dev installs the peers")
    sys.exit(0)


def build():
    make = ["make", "-s", "build/release/bench/als"]
    subprocess.run(make, cwd=ROOT, check=True)
    return os.path.join(ROOT, "build/release/bench/als")


def pairs(users, items, seed=1):
    rng = np.random.default_rng(seed)
    degree = np.clip(rng.lognormal(np.log(12), 1.2, users).astype(int), 1, items // 4)
    weight = rng.lognormal(0, 1.74, items)
    cumulated = np.cumsum(weight) / weight.sum()
    row = np.repeat(np.arange(users, dtype=np.int32), degree)
    col = np.searchsorted(cumulated, rng.random(len(row))).astype(np.int32)
    both = np.unique(row.astype(np.int64) * items + col)
    return (both // items).astype(np.int32), (both % items).astype(np.int32)


def ours(program, path, factors, threads):
    run = [program, path, str(factors), str(threads), str(ITERATIONS)]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    return [float(line) for line in said.split()]


def theirs(matrix, factors, threads):
    model = implicit.als.AlternatingLeastSquares(
        factors=factors, iterations=ITERATIONS + 1, num_threads=threads, random_state=1,
        use_cg=True, use_gpu=False)
    stamps = []
    model.fit(matrix, show_progress=False,
              callback=lambda *_: stamps.append(time.perf_counter()))
    return [b - a for a, b in zip(stamps, stamps[1:])]


def main():
    program = build()
    for name in [w for w in sys.argv[1:] if w in SIZES] or list(SIZES):
        users, items, factors = SIZES[name]
        row, col = pairs(users, items)
        path = os.path.join(ROOT, f"build/als-{name}.bin")
        with open(path, "wb") as out:
            np.array([users, items, len(row)], np.int64).tofile(out)
            row.tofile(out)
            col.tofile(out)
        matrix = sp.csr_matrix((np.ones(len(row), np.float32), (row, col)), (users, items))
        for threads in (1, 2):
            a, b = [], []
            for _ in range(ROUNDS):  # in turns: a busy machine disturbs both
                a += ours(program, path, factors, threads)
                b += theirs(matrix, factors, threads)
            mine, peer = statistics.median(a), statistics.median(b)
            print(f"{users:,} x {items:,}, {len(row):,} pairs, k={factors}, {threads} thread(s): "
                  f"atelier {mine:.3f} s, implicit {implicit.__version__} {peer:.3f} s an "
                  f"iteration, ratio {peer / mine:.2f}", flush=True)
        os.remove(path)


main()
