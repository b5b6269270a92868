"""als_implicit: PyPI implicit on a small fixed matrix; prints what tests/models_als_implicit.c expects.

Run: build/peers/bin/python tests/oracles/als_implicit.py. Exact solves (use_cg=False) from given
start factors. implicit solves users first, so it is given the transposed matrix: its "items" are
our users, whose start factors are given. Rows and start factors are formulas, the same in C.
"""
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import implicit.cpu.als
import numpy as np
from scipy.sparse import csr_matrix

USERS, ITEMS, FACTORS, ALPHA, REG = 9, 8, 3, 2.0, 0.3

r = np.zeros((USERS, ITEMS), np.float32)
for u in range(USERS):
    for i in range(ITEMS):
        if (3 * u * u + 5 * i * i + 7 * u * i + 2 * u + i) % 11 < 5:
            r[u, i] = 0.5 + ((u + 2 * i) % 5) * 0.75  # 0.5: a confidence of exactly 1
start = np.array([[0.3 * np.sin(1 + 3 * u + 2 * j + u * j) for j in range(FACTORS)] for u in range(USERS)],
                 np.float32)

for iterations in (1, 5):
    m = implicit.cpu.als.AlternatingLeastSquares(
        factors=FACTORS, regularization=REG, alpha=ALPHA, iterations=iterations, use_cg=False,
        use_native=True, calculate_training_loss=True, num_threads=1)
    m.user_factors = np.zeros((ITEMS, FACTORS), np.float32)
    m.item_factors = start.copy()
    losses = []
    m.fit(csr_matrix(r.T), show_progress=False, callback=lambda i, t, loss: losses.append(loss))
    print("iterations", iterations, "loss %.9f" % losses[-1])
    print(np.array2string(m.item_factors @ m.user_factors.T, precision=6, separator=", ", max_line_width=99))
