"""hdbscan: HDBSCAN* end to end against fast_hdbscan (2 threads) and hdbscan, in one run.

One Gaussian and ten clouds with noise, 250,000 x 5 (ROWS=n sets how many), clusters of 50 rows and
more, 10 neighbours (fast_hdbscan and hdbscan: min_samples=10; neither counts the row itself).
SLOW=0 leaves out the package hdbscan, which takes a minute each; TABLE=one and TABLE=ten run one of
the two tables."""
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

sys.path.pop(0)  # this file has a package's name
ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS, COLUMNS, LEAST, NEIGHBOURS = int(os.environ.get("ROWS", "250000")), 5, 50, 10
warnings.filterwarnings("ignore")
os.environ.setdefault("NUMBA_NUM_THREADS", "2")
try:
    import fast_hdbscan
    import hdbscan
    import numpy as np
    from sklearn.metrics import adjusted_rand_score
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed (bench/requirements.txt)")
    sys.exit(0)

program = ROOT / "build" / "release" / "bench" / "hdbscan"
subprocess.run(["make", "-s", str(program.relative_to(ROOT))], cwd=ROOT, check=True)
folder = ROOT / "build" / "bench"
folder.mkdir(parents=True, exist_ok=True)


def tables():
    rng = np.random.default_rng(1)
    yield "one Gaussian", rng.normal(size=(ROWS, COLUMNS))
    kind, centre = rng.integers(0, 11, ROWS), rng.uniform(-10, 10, (10, COLUMNS))
    cloud = centre[np.minimum(kind, 9)] + rng.normal(size=(ROWS, COLUMNS))
    yield "ten clouds and noise", np.where(kind[:, None] < 10, cloud,
                                           rng.uniform(-14, 14, (ROWS, COLUMNS)))


def ours(x, threads):
    x.tofile(folder / "hdbscan.f32")
    words = [folder / "hdbscan.f32", *x.shape, LEAST, NEIGHBOURS, threads, folder / "hdbscan.i32"]
    out = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=True)
    return json.loads(out.stdout), np.fromfile(folder / "hdbscan.i32", np.int32)


def timed(fit):
    wall, cpu = time.perf_counter(), time.process_time()
    labels = fit()
    return [time.perf_counter() - wall, time.process_time() - cpu], labels


def row(name, took, mine, theirs, labels):
    print(f"  {name:20}{took[0]:8.2f} ({took[1]:.2f})  ratio {took[0] / mine['whole'][0]:.1f} "
          f"({took[1] / mine['whole'][1]:.1f})  agreement "
          f"{adjusted_rand_score(theirs, labels):.5f}")


def run(name, wide):
    x = wide.astype(np.float32)
    print(f"{name}, {ROWS} x {COLUMNS}, clusters of {LEAST}, {NEIGHBOURS} neighbours; seconds by "
          "the wall (processor)")
    best = {}
    for threads in (1, 2):
        for _ in range(3):
            m, labels = ours(x, threads)
            if threads not in best or m["whole"] < best[threads]["whole"]:
                best[threads] = m
        m = best[threads]
        parts = ", ".join(f"{part} {m[part][0]:.3f} ({m[part][1]:.3f})"
                          for part in ("whole", "tree", "linkage", "cut", "again", "predict"))
        print(f"  atelier, threads: {threads}  {parts}; {m['bytes'] / ROWS:.0f} bytes a row; "
              f"{m['clusters']} clusters, {m['noise']} noise")
    fit = fast_hdbscan.HDBSCAN(min_cluster_size=LEAST, min_samples=NEIGHBOURS)
    took, theirs = timed(lambda: fit.fit(x).labels_)
    row("fast_hdbscan, 2", took, best[2], theirs, labels)
    if os.environ.get("SLOW", "1") != "0":
        fit = hdbscan.HDBSCAN(min_cluster_size=LEAST, min_samples=NEIGHBOURS, core_dist_n_jobs=1,
                              approx_min_span_tree=False)
        took, theirs = timed(lambda: fit.fit(x.astype(np.float64)).labels_)
        row("hdbscan, 1", took, best[1], theirs, labels)


small = np.random.default_rng(2).normal(size=(5000, COLUMNS))
fast_hdbscan.HDBSCAN(min_cluster_size=LEAST, min_samples=NEIGHBOURS).fit(small)  # compiles
for name, wide in tables():
    if os.environ.get("TABLE", name).split()[0] == name.split()[0]:
        run(name, wide)
