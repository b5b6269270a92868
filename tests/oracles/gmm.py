#!/usr/bin/env python3
"""gmm: numbers of scikit-learn 1.9.1's GaussianMixture for tests/models_gmm.c.

50 steps from given responsibilities, in double, four kinds of covariance, two tables of numbers.
Run with the Python of build/peers; the printed numbers stand in the test."""
import numpy as np
from sklearn.mixture import GaussianMixture

N, D, K = 1003, 5, 4


def planted(rough):
    """The numbers of planted() of the test: integers over 1009, rounded to float32."""
    i, j = np.arange(N)[:, None], np.arange(D)[None, :]
    noise = ((i * 7919 + j * 104729 + i * i * 31 * (j + 1)) % 1009) / 1009
    x = noise * 4 + ((i % 6) * (j + 2) * 5) % 7
    if rough:  # columns of very different size, far from zero
        x = x * 10.0 ** (j - 2) + 1000
    return x.astype(np.float32).astype(np.float64)


def shares():
    i, c = np.arange(N)[:, None], np.arange(K)[None, :]
    r = 1.0 + (i * 7 + c * 13) % 11
    return r / r.sum(axis=1, keepdims=True)


for rough in (False, True):
    x = planted(rough)
    for kind in ("full", "tied", "diag", "spherical"):
        model = GaussianMixture(K, covariance_type=kind)
        model._initialize(x, shares())
        for _ in range(50):
            _, log_share = model._e_step(x)
            model._m_step(x, log_share)
        r = model.predict_proba(x)
        entropy = -(r * np.log(np.maximum(r, 1e-300))).sum()
        print(f'    {{GMM_{kind.upper()}, {int(rough)}, {model.score_samples(x).sum()!r},'
              f' {model.bic(x)!r}, {entropy!r},'
              f' {{{", ".join(repr(float(w)) for w in model.weights_)}}},'
              f' {float(model.means_[0, 0])!r}, {int(model._n_parameters())}}},'.replace("np.float64(", "").replace(")", ""))
