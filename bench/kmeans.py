"""kmeans: 1 M x 8, k = 8, against scikit-learn's KMeans on 1 and 2 threads: an iteration, a whole fit.

The same rows, the same start, the same number of iterations, in one run: seconds of an iteration =
(time of 21 iterations - time of 1) / 20, best of five. Then whole fits from starts of their own:
4 of k-means++ each, tolerance 1e-4, best of three. Then free runs on ten data sets: the inertia of
ours (4 starts, five seeds, the worst) over the best of scikit-learn's ten starts.
ROWS=n sets how many rows; PARTS=iteration,whole,free which of them."""
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS, COLUMNS, K, ITERATIONS, STARTS = int(os.environ.get("ROWS", "1000000")), 8, 8, 20, 4
PARTS = os.environ.get("PARTS", "iteration,whole,free").split(",")
try:
    import numpy as np
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits
except ImportError:
    print("skipped: scikit-learn is not installed (bench/requirements.txt)")
    sys.exit(0)

subprocess.run(["make", "-s", "build/release/bench/kmeans"], cwd=ROOT, check=True)
folder = ROOT / "build" / "bench"
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
centres = rng.normal(0, 1.5, (12, COLUMNS))
x = (centres[rng.integers(0, 12, ROWS)] + rng.normal(0, 1, (ROWS, COLUMNS))).astype(np.float32)
x.tofile(folder / "kmeans.f32")


def ours(threads, what=ITERATIONS, file="kmeans.f32", shape=(ROWS, COLUMNS), k=K):
    words = [folder / file, *shape, k, what, threads]
    out = subprocess.run([ROOT / "build" / "release" / "bench" / "kmeans", *map(str, words)],
                         capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def timed(model, data, threads):
    with threadpool_limits(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(data)
        return time.perf_counter() - wall, time.process_time() - cpu


def peer(data, threads):
    counts = (1, ITERATIONS + 1)
    best = {n: (1e9, 1e9) for n in counts}
    for _ in range(5):
        for n in counts:
            model = KMeans(K, init=data[:K], n_init=1, max_iter=n, tol=0)
            best[n] = tuple(map(min, best[n], timed(model, data, threads)))
    each = [(best[counts[1]][i] - best[1][i]) / ITERATIONS for i in (0, 1)]
    return {"wall": each[0], "cpu": each[1], "inertia": model.inertia_}


def peer_whole(data, threads):
    best = (1e9, 1e9)
    for _ in range(3):
        model = KMeans(K, n_init=STARTS, tol=1e-4, random_state=1)
        best = tuple(map(min, best, timed(model, data, threads)))
    return {"wall": best[0], "cpu": best[1], "inertia": model.inertia_}


def show(threads, rows):
    mine = rows["atelier"]
    for name, r in rows.items():
        print(f"  {threads} thread{'s' if threads > 1 else ' '} {name:22} {r['wall'] * 1e3:8.2f}"
              f" ({r['cpu'] * 1e3:.2f})   ratio {r['wall'] / mine['wall']:.2f}"
              f" ({r['cpu'] / mine['cpu']:.2f})   inertia {r['inertia']:.6g}", flush=True)


def data_sets():
    from sklearn import datasets
    from sklearn.preprocessing import StandardScaler
    for name, load, k in (("iris", datasets.load_iris, 3), ("wine", datasets.load_wine, 3),
                          ("breast cancer", datasets.load_breast_cancer, 8),
                          ("digits", datasets.load_digits, 10)):
        yield name, StandardScaler().fit_transform(load().data), k
    for name, n, d, groups, spread, k in (
            ("blobs 2 d", 5000, 2, 15, .5, 15), ("blobs 8 d", 20000, 8, 12, 1, 12),
            ("blobs 50 d", 3000, 50, 30, 2, 30), ("touching 4 d", 10000, 4, 9, 3, 20)):
        sets = np.random.default_rng(n + d)
        middle = sets.uniform(-10, 10, (groups, d))
        yield name, middle[sets.integers(0, groups, n)] + sets.normal(0, spread, (n, d)), k
    yield "uniform 3 d", np.random.default_rng(5).uniform(size=(4000, 3)), 10
    yield "log-normal 6 d", np.exp(np.random.default_rng(6).normal(size=(8000, 6))), 7


if "iteration" in PARTS:
    print(f"one Lloyd iteration, {ROWS} x {COLUMNS}, k = {K}; milliseconds by the wall (processor)")
    for threads in (1, 2):
        show(threads, {"atelier": ours(threads), "scikit-learn float32": peer(x, threads),
                       "scikit-learn float64": peer(x.astype(np.float64), threads)})
if "whole" in PARTS:
    print(f"a whole fit, {STARTS} starts; milliseconds by the wall (processor)")
    for threads in (1, 2):
        show(threads, {"atelier": ours(threads, f"whole:{STARTS}:1"),
                       "scikit-learn float32": peer_whole(x, threads)})
if "free" in PARTS:
    print("free runs: the worst inertia of five seeds over the best of scikit-learn's ten starts")
    for name, data, k in data_sets():
        data = np.ascontiguousarray(data, dtype=np.float32)
        data.tofile(folder / "free.f32")
        worst = max(ours(1, f"whole:{STARTS}:{seed}", "free.f32", data.shape, k)["inertia"]
                    for seed in range(1, 6))
        with threadpool_limits(1):
            best = KMeans(k, n_init=10, random_state=0).fit(data.astype(np.float64)).inertia_
        print(f"  {name:16} {data.shape[0]:6} x {data.shape[1]:<3} k = {k:<3} {worst / best:.5f}",
              flush=True)
