#!/usr/bin/env python3
"""als: Atelier's iALS and PyPI `implicit` on the same data and objective, run in turns.

Usage: bench/als.py [small] [large]      (default: both)
For k = 64 and 128 and for 1 and 2 threads: the median wall and processor seconds of an iteration
(both half-steps) of both programs, and the ratio peer / ours (above 1, ours is faster); then the
objective of both after the same number of iterations. Data are synthetic: log-normal customer
degrees, log-normal article popularity.

implicit's confidence A with regularization R is, for pairs that all weigh alike, our objective with
alpha0 = 1/(A-1), lambda = R/A, nu = 0 and scores divided by A/(A-1); both losses are given in it.
"""
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SIZES = {"small": (20_000, 5_000), "large": (200_000, 50_000)}
FACTORS, THREADS, ROUNDS, ITERATIONS = (64, 128), (1, 2), 2, 4
ALPHA, REGULARIZATION = 41.0, 10.25
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # both programs bring their own threads

try:
    import implicit
    import numpy as np
    import scipy.sparse as sp
    from lib.pairs import pairs
except ImportError as missing:
    print(f"skipped: {missing.name} is not here; tools/setup.sh --dev installs the peers")
    sys.exit(0)


def build():
    subprocess.run(["make", "-s", "build/release/bench/als"], cwd=ROOT, check=True)
    return os.path.join(ROOT, "build/release/bench/als")


def ours(program, path, factors, threads, mode):
    run = [program, path, str(factors), str(threads), str(ITERATIONS), mode,
           str(1 / (ALPHA - 1)), str(REGULARIZATION / ALPHA), "0"]
    lines = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split("\n")
    times = [tuple(map(float, line.split())) for line in lines[1:ITERATIONS]]  # the first warms up
    return times, float(lines[ITERATIONS])


def loss(x, y, row, col):
    x, y, target = x.astype(np.float64), y.astype(np.float64), ALPHA / (ALPHA - 1)
    total = np.sum((x.T @ x) * (y.T @ y)) / (ALPHA - 1) / target**2
    total += REGULARIZATION / ALPHA / target * (np.sum(x * x) + np.sum(y * y))
    for at in range(0, len(row), 500_000):
        part = slice(at, at + 500_000)
        total += np.sum((1 - np.einsum("ij,ij->i", x[row[part]], y[col[part]]) / target) ** 2)
    return total


def theirs(matrix, factors, threads, row, col):
    model = implicit.als.AlternatingLeastSquares(
        factors=factors, iterations=ITERATIONS, num_threads=threads, random_state=1, use_cg=True,
        use_gpu=False, alpha=ALPHA, regularization=REGULARIZATION)
    stamps = []
    model.fit(matrix, show_progress=False,
              callback=lambda *_: stamps.append((time.perf_counter(), time.process_time())))
    times = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(stamps, stamps[1:])]
    return times, loss(model.user_factors, model.item_factors, row, col)


def one(program, path, matrix, row, col, factors, threads):
    seconds = {"cg": [], "exact": [], "implicit": []}
    losses = {}
    for _ in range(ROUNDS):  # in turns: a busy machine disturbs all
        for mode in ("cg", "exact"):
            times, losses[mode] = ours(program, path, factors, threads, mode)
            seconds[mode] += times
        times, losses["implicit"] = theirs(matrix, factors, threads, row, col)
        seconds["implicit"] += times
    wall, cpu = ({name: statistics.median(t[i] for t in seconds[name]) for name in seconds}
                 for i in (0, 1))
    size = f"{matrix.shape[0]:,} x {matrix.shape[1]:,}, {len(row):,} pairs"
    print(f"{size}, k={factors}, {threads} thread(s), {ITERATIONS} iterations")
    for name in seconds:
        label = name if name == "implicit" else f"atelier {name}"
        print(f"  {label:13} wall {wall[name]:.3f} s, cpu {cpu[name]:.3f} s an iteration, ratio "
              f"{wall['implicit'] / wall[name]:.2f} wall {cpu['implicit'] / cpu[name]:.2f} cpu, "
              f"loss {losses[name]:.6g}", flush=True)


def main():
    program = build()
    for name in [w for w in sys.argv[1:] if w in SIZES] or list(SIZES):
        users, items = SIZES[name]
        row, col = pairs(users, items)
        path = os.path.join(ROOT, f"build/als-{name}.bin")
        with open(path, "wb") as out:
            np.array([users, items, len(row)], np.int64).tofile(out)
            row.tofile(out)
            col.tofile(out)
        matrix = sp.csr_matrix((np.ones(len(row), np.float32), (row, col)), (users, items))
        for factors in FACTORS:
            for threads in THREADS:
                one(program, path, matrix, row, col, factors, threads)
        os.remove(path)


main()
