"""als: an independent iALS in NumPy; prints the predictions that tests/models_als.c expects.

Run: python3 tests/oracles/als.py. It solves each row's normal equations densely in double precision
until the predictions stand still, from several random starts, and keeps the lowest objective.
"""
import numpy as np

C = np.array([[3, 1, 0, 0, 2, 0],
              [0, 2, 1, 0, 0, 0],
              [1, 0, 0, 4, 0, 1],
              [0, 0, 1, 1, 0, 0],
              [2, 0, 0, 0, 1, 0],
              [0, 1, 0, 0, 0, 3],
              [0, 0, 0, 2, 0, 1]], float)
K, LAMBDA, NU, ALPHA0 = 2, 0.05, 1.0, 0.2


def half(rows, y):
    others = rows.shape[1]
    x = np.zeros((rows.shape[0], K))
    for r, c in enumerate(rows):
        reg = LAMBDA * (c.sum() + ALPHA0 * others) ** NU
        a = ALPHA0 * y.T @ y + (y.T * c) @ y + reg * np.eye(K)
        x[r] = np.linalg.solve(a, y.T @ c)
    return x


def loss(x, y):
    p = x @ y.T
    reg = lambda rows, others: LAMBDA * (rows.sum(1) + ALPHA0 * others) ** NU
    return ((C * (1 - p) ** 2).sum() + ALPHA0 * (p ** 2).sum()
            + (reg(C, C.shape[1]) * (x ** 2).sum(1)).sum()
            + (reg(C.T, C.shape[0]) * (y ** 2).sum(1)).sum())


best = None
for seed in range(20):
    x = np.random.default_rng(seed).normal(size=(C.shape[0], K)) * 0.1
    for _ in range(3000):
        y = half(C.T, x)
        x = half(C, y)
    if best is None or loss(x, y) < best[0] - 1e-12:
        best = (loss(x, y), x @ y.T)
print("loss %.9f" % best[0])
print(np.array2string(best[1], precision=7, separator=", "))
