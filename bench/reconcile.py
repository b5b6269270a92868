"""reconcile: forecasts of a tree made to add up (struct weights), against a sparse factorisation.

The peer solves the same weighted least squares by SciPy's sparse LU of S'W^-1 S, as hierarchical
forecasting packages do, at 3,000 nodes; both results are compared. Ours alone: 1 M nodes."""
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEPS = 28
try:
    import numpy as np
    from scipy import sparse
    from scipy.sparse.linalg import splu
except ImportError:
    print("skipped: SciPy is not installed (bench/requirements.txt)")
    sys.exit(0)

subprocess.run(["make", "-s", "build/release/bench/reconcile"], cwd=ROOT, check=True)
folder = ROOT / "build" / "bench"
folder.mkdir(parents=True, exist_ok=True)


def ours(nodes):
    file = folder / "reconcile.f64"
    out = subprocess.run([ROOT / "build/release/bench/reconcile", str(nodes), str(STEPS), file],
                         capture_output=True, text=True, check=True).stdout
    return json.loads(out)["seconds"], np.fromfile(file).reshape(nodes, STEPS)


def peer(nodes):
    i, k = np.arange(nodes)[:, None], np.arange(STEPS)[None, :]
    f = 1 + ((i * 7919 + k * 104729) % 1000) / 100
    parent = (np.arange(nodes) - 1) // 30
    inner = np.zeros(nodes, bool)
    inner[parent[1:]] = True
    leaf = np.cumsum(~inner) - 1
    rows, cols = [], []
    for node in np.flatnonzero(~inner):
        up = node
        while True:
            rows.append(up)
            cols.append(leaf[node])
            if up == 0:
                break
            up = parent[up]
    start = time.perf_counter()
    s = sparse.csr_matrix((np.ones(len(rows)), (rows, cols)))
    w = 1 / np.asarray(s.sum(1)).ravel()
    right = s.T @ (f * w[:, None])
    leaves = splu((s.T @ s.multiply(w[:, None])).tocsc()).solve(right)
    x = s @ leaves
    return time.perf_counter() - start, x


small = 3000
mine, x = ours(small)
theirs, y = peer(small)
print(f"{small} nodes x {STEPS}: {mine * 1e3:.2f} ms, SciPy {theirs * 1e3:.0f} ms "
      f"({theirs / mine:.0f} times); largest difference {abs(x - y).max():.1e}")
print(f"1,000,000 nodes x {STEPS}: {ours(1_000_000)[0]:.2f} s")
