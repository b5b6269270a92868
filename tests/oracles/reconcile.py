"""reconcile: dense least-squares reconciliation in NumPy; prints what tests/models_reconcile.c expects.

Run: python3 tests/oracles/reconcile.py. Nodes: total, three groups that cross (x, y over leaves 0-1,
2-3; p over leaves 0, 2), then four leaves. Residuals come from a small linear congruence, so that the
test can make the same.
"""
import numpy as np

SETS = [[0, 1, 2, 3], [0, 1], [2, 3], [0, 2]]
F = np.array([[100, 90], [70, 20], [20, 60], [30, 5], [25, 4], [50, 10], [12, -30], [9, 70]], float)
T = 12
S = np.vstack([[1.0 if j in s else 0.0 for j in range(4)] for s in SETS] + [np.eye(4)])


def residuals():
    state, out = 1, np.zeros((T, 8))
    for t in range(T):
        for i in range(8):
            state = (state * 1103515245 + 12345) % 2**31
            out[t, i] = (state / 2**31 - 0.5) * (i + 1)
        out[t, 0] += out[t, 4] + out[t, 5]  # correlated with two leaves
    return out


def reconcile(w, f):
    inverse = np.linalg.inv(w)
    return S @ np.linalg.solve(S.T @ inverse @ S, S.T @ inverse @ f)


def shrunk(r):
    v = (r**2).mean(0)
    z = r / np.sqrt(v)
    spread = squares = 0.0
    for i in range(8):
        for j in range(i):
            x = z[:, i] * z[:, j]
            spread += x.var() / (T - 1)
            squares += x.mean() ** 2
    shrink = min(max(spread / squares, 0), 1)
    w = (1 - shrink) * (r.T @ r) / T
    np.fill_diagonal(w, v)
    return shrink, w


np.set_printoptions(precision=12, suppress=True)
print("struct", reconcile(np.diag(S.sum(1)), F).tolist())
shrink, w = shrunk(residuals())
print("shrink", shrink)
print("mint", reconcile(w, F).tolist())
TREE = [-1, 0, 0, 1, 1, 2, 2]
f = np.array([100, 70, 20, 25, 50, 12, 9.0])
v = np.array([9, 4, 5, 1, 2, 3, 1.0])
S = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], *np.eye(4)], float)
print("tree", reconcile(np.diag(v), f).tolist())
