#!/usr/bin/env python3
"""segment: numbers of scikit-learn 1.9.1 for the tests of K-Means and cluster validity.

Run with the Python of build/peers; the printed numbers stand in tests/models_segment.c."""
import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import (adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score,
                             silhouette_score)


def planted(n, d, groups):
    """The same numbers as planted() of the test: integers over 1009, exact in float32 sums."""
    i, j = np.arange(n)[:, None], np.arange(d)[None, :]
    noise = ((i * 7919 + j * 104729 + i * i * 31 * (j + 1)) % 1009) / 1009
    return (noise * 4 + ((i % groups) * (j + 2) * 5) % 7).astype(np.float32)


x = planted(1003, 5, 6)
fit = KMeans(6, init=x[:6].astype(np.float64), n_init=1, tol=0, max_iter=300).fit(x.astype(np.float64))
print("inertia", repr(float(fit.inertia_)), "iterations", fit.n_iter_)
print("counts", np.bincount(fit.labels_).tolist(), "checksum", int((fit.labels_ * (np.arange(1003) % 97)).sum()))
print("centre 0", [repr(float(v)) for v in fit.cluster_centers_[0]])
w = 1.0 + np.arange(1003) % 3
weighted = KMeans(6, init=x[:6].astype(np.float64), n_init=1, tol=0).fit(x.astype(np.float64), sample_weight=w)
print("weighted", repr(float(weighted.inertia_)), np.bincount(weighted.labels_).tolist())
best = min(KMeans(6, n_init=10, random_state=s).fit(x.astype(np.float64)).inertia_ for s in range(3))
print("best of 30 starts", repr(float(best)))
print("silhouette", repr(float(silhouette_score(x, fit.labels_))),
      "CH", repr(float(calinski_harabasz_score(x, fit.labels_))),
      "DB", repr(float(davies_bouldin_score(x, fit.labels_))),
      "ARI", repr(float(adjusted_rand_score(np.arange(1003) % 6, fit.labels_))))

SHAPES = ((300, 2, 6, 6), (400, 3, 9, 5), (500, 4, 7, 10), (350, 8, 4, 4), (600, 2, 11, 12),
          (450, 5, 13, 8), (800, 1, 5, 7), (300, 12, 6, 6), (700, 3, 10, 15), (500, 6, 3, 9))
for n, d, groups, k in SHAPES:
    x = planted(n, d, groups).astype(np.float64)
    best = KMeans(k, n_init=10, random_state=0).fit(x).inertia_
    print(f"free run of {n} x {d}, {groups} groups, k = {k}: best of 10 starts {best!r}")
