"""gmm: one EM step on 1 M x 8, k = 8, against scikit-learn's GaussianMixture, on 1 and 2 threads.

The same rows, the same start (the first 8 rows as means), the same number of steps, in one run:
seconds of a step = (time of 4 steps - time of 1) / 3 for the peer, (11 - 1) / 10 for ours; ours best
of five, the peer's best of two. ROWS=n sets how many rows, KINDS=full,tied,… which covariances."""
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS, COLUMNS, K, OURS, THEIRS = int(os.environ.get("ROWS", "1000000")), 8, 8, 10, 3
KINDS = os.environ.get("KINDS", "full,tied,diag,spherical").split(",")
try:
    import numpy as np
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits
except ImportError:
    print("skipped: scikit-learn is not installed (bench/requirements.txt)")
    sys.exit(0)

subprocess.run(["make", "-s", "build/release/bench/gmm"], cwd=ROOT, check=True)
folder = ROOT / "build" / "bench"
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
centres = rng.normal(0, 1.5, (12, COLUMNS))
x = (centres[rng.integers(0, 12, ROWS)] + rng.normal(0, 1, (ROWS, COLUMNS))).astype(np.float32)
x.tofile(folder / "gmm.f32")
nearest = np.concatenate([((part[:, None, :] - x[None, :K, :]) ** 2).sum(2).argmin(1)
                          for part in np.array_split(x, 100)])


def ours(kind, steps, threads):
    words = [folder / "gmm.f32", ROWS, COLUMNS, K, kind, steps, threads]
    out = subprocess.run([ROOT / "build" / "release" / "bench" / "gmm", *map(str, words)],
                         capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def peer(kind, data, threads):
    """The peer's own two steps in a loop: its fit would begin with K-Means each time."""
    shares = np.eye(K, dtype=data.dtype)[nearest]
    best = [1e9, 1e9]
    for _ in range(2):
        model = GaussianMixture(K, covariance_type=kind)
        with threadpool_limits(threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model._initialize(data, shares)
            for step in range(THEIRS + 1):
                if step == 1:
                    wall, cpu = time.perf_counter(), time.process_time()
                _, log_share = model._e_step(data)
                model._m_step(data, log_share)
            took = time.perf_counter() - wall, time.process_time() - cpu
        best = list(map(min, best, took))
    return {"wall": best[0] / THEIRS, "cpu": best[1] / THEIRS,
            "likelihood": model.score_samples(data.astype(np.float64)).mean()}


print(f"one EM step, {ROWS} x {COLUMNS}, k = {K}; milliseconds by the wall (processor)")
for kind in KINDS:
    for threads in map(int, os.environ.get("THREADS", "1,2").split(",")):
        rows = {"atelier": ours(kind, OURS, threads),
                "scikit-learn float32": peer(kind, x, threads),
                "scikit-learn float64": peer(kind, x.astype(np.float64), threads)}
        mine = rows["atelier"]
        for name, r in rows.items():
            print(f"  {kind:9} {threads} thread{'s' if threads > 1 else ' '} {name:22}"
                  f" {r['wall'] * 1e3:8.1f} ({r['cpu'] * 1e3:.1f})   ratio"
                  f" {r['wall'] / mine['wall']:.1f} ({r['cpu'] / mine['cpu']:.1f})", flush=True)
        same = ours(kind, THEIRS, threads)["likelihood"] / rows["scikit-learn float64"]["likelihood"]
        print(f"  {kind:9} log-likelihood after {THEIRS + 1} steps: ours / float64 - 1 = {same - 1:.1e}")
