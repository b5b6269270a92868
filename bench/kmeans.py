"""kmeans: one Lloyd iteration on 1 M x 8, k = 8, against scikit-learn's KMeans, on 1 and 2 threads.

The same rows, the same start, the same number of iterations, in one run: seconds of an iteration =
(time of 21 iterations - time of 1) / 20, best of five. ROWS=n sets how many rows."""
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS, COLUMNS, K, ITERATIONS = int(os.environ.get("ROWS", "1000000")), 8, 8, 20
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


def ours(threads):
    words = [folder / "kmeans.f32", ROWS, COLUMNS, K, ITERATIONS, threads]
    out = subprocess.run([ROOT / "build" / "release" / "bench" / "kmeans", *map(str, words)],
                         capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def peer(data, threads):
    counts = (1, ITERATIONS + 1)
    best = {n: (1e9, 1e9) for n in counts}
    for _ in range(5):
        for n in counts:
            model = KMeans(K, init=data[:K], n_init=1, max_iter=n, tol=0)
            with threadpool_limits(threads), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                wall, cpu = time.perf_counter(), time.process_time()
                model.fit(data)
                took = (time.perf_counter() - wall, time.process_time() - cpu)
                best[n] = tuple(map(min, best[n], took))
    each = [(best[counts[1]][i] - best[1][i]) / ITERATIONS for i in (0, 1)]
    return {"wall": each[0], "cpu": each[1], "inertia": model.inertia_}



print(f"one Lloyd iteration, {ROWS} x {COLUMNS}, k = {K}; milliseconds by the wall (processor)")
for threads in (1, 2):
    rows = {"atelier": ours(threads), "scikit-learn float32": peer(x, threads),
            "scikit-learn float64": peer(x.astype(np.float64), threads)}
    mine = rows["atelier"]
    for name, r in rows.items():
        print(f"  {threads} thread{'s' if threads > 1 else ' '} {name:22} {r['wall'] * 1e3:8.2f}"
              f" ({r['cpu'] * 1e3:.2f})   ratio {r['wall'] / mine['wall']:.2f}"
              f" ({r['cpu'] / mine['cpu']:.2f})   inertia {r['inertia']:.6g}")
