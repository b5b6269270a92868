#!/usr/bin/env python3
"""topk: exact top-12 lists by Atelier and by PyPI `implicit`, in turns, on the same factors.

Usage: bench/topk.py [small] [large]      (default: both)
Factors come from a real fit (k = 64) on synthetic pairs: log-normal customer degrees, log-normal
article popularity. Prints wall and processor seconds of both (medians) and their ratio (peer /
ours: above 1, ours is faster), on 1 and 2 threads, with and without the customers' own articles;
the share of equal lists (single precision may swap near ties); and the latency of single queries
with a category, stock and price filter at each instruction set.
"""
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# customers, articles, iterations of the fit, customers that get lists
SIZES = {"small": (200_000, 50_000, 8, 20_000), "large": (1_300_000, 105_000, 3, 8_000)}
FACTORS, K, ROUNDS, QUERIES = 64, 12, 3, 10_000
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
    subprocess.run(["make", "-s", "build/release/bench/topk"], cwd=ROOT, check=True)
    return os.path.join(ROOT, "build/release/bench/topk")


def run(*words, **more):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True,
                          **more).stdout


def theirs(model, seen, customers, threads, own):
    model.num_threads = threads
    wall, used = time.perf_counter(), time.process_time()
    ids, _ = model.recommend(np.arange(customers), seen, N=K, filter_already_liked_items=own)
    return time.perf_counter() - wall, time.process_time() - used, ids


def compare(program, factors, path, model, seen, customers):
    lists = factors + ".lists"
    for threads in (1, 2):
        for own in (False, True):
            a, b = [], []
            for _ in range(ROUNDS):  # in turns: a busy machine disturbs both
                words = run(program, "lists", factors, path if own else "-", K, threads,
                            customers, lists).split()
                a.append([float(w) for w in words])
                b.append(theirs(model, seen, customers, threads, own))
            mine = [statistics.median(r[i] for r in a) for i in (0, 1)]
            peer = [statistics.median(r[i] for r in b) for i in (0, 1)]
            ours = np.fromfile(lists, np.int32).reshape(customers, K)
            equal = (np.sort(ours, 1) == np.sort(b[-1][2], 1)).all(1).mean()
            print(f"  {customers:,} customers, {threads} thread(s), own articles "
                  f"{'left out' if own else 'kept'}: atelier {mine[0]:.2f} s ({mine[1]:.2f} s of "
                  f"processor), implicit {implicit.__version__} {peer[0]:.2f} s ({peer[1]:.2f} s), "
                  f"ratio {peer[0] / mine[0]:.1f} ({peer[1] / mine[1]:.1f}); "
                  f"{equal:.2%} of the lists equal", flush=True)
    os.remove(lists)


def main():
    program = build()
    for name in [w for w in sys.argv[1:] if w in SIZES] or list(SIZES):
        users, items, iterations, customers = SIZES[name]
        row, col = pairs(users, items)
        path = os.path.join(ROOT, f"build/topk-{name}.pairs")
        factors = os.path.join(ROOT, f"build/topk-{name}.factors")
        with open(path, "wb") as out:
            np.array([users, items, len(row)], np.int64).tofile(out)
            row.tofile(out)
            col.tofile(out)
        run(program, "fit", path, FACTORS, iterations, factors)
        head = np.fromfile(factors, np.int64, 3)
        both = np.fromfile(factors, np.float32, offset=24).reshape(-1, head[2])
        model = implicit.als.AlternatingLeastSquares(factors=int(head[2]), use_gpu=False)
        model.user_factors, model.item_factors = both[:users], both[users:]
        keep = row < customers
        seen = sp.csr_matrix((np.ones(keep.sum(), np.float32), (row[keep], col[keep])),
                             (customers, items))
        print(f"{users:,} x {items:,}, {len(row):,} pairs, {FACTORS} factors, top {K}")
        compare(program, factors, path, model, seen, customers)
        for level in ("avx512", "avx2", "plain"):
            for k in (K, 100):
                print(f"  one query, top {k}, {level}:")
                print(run(program, "one", factors, k, QUERIES,
                          env={**os.environ, "ATELIER_SIMD": level}), end="", flush=True)
        os.remove(path)
        os.remove(factors)


main()
