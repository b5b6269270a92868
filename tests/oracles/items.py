"""items: models from item to item in NumPy, the numbers that models_items.c and models_ease.c expect.

    build/peers/bin/python tests/oracles/items.py

The weights of TF-IDF and BM25 are implicit's own (0.7.3); the rest is the formula of each header.
"""
import numpy as np
import scipy.sparse as sp
from implicit.nearest_neighbours import bm25_weight, tfidf_weight

USERS, ITEMS = 30, 8
X = np.zeros((USERS, ITEMS))
state = 1
for u in range(USERS):
    for i in range(ITEMS):
        state = (state * 1103515245 + 12345) % 2**31
        if (state >> 16) % 5 < 2 or i == u % 8 or i == (u + 3) % 8:
            X[u, i] = 1 + (u + i) % 3
n = (X > 0).sum(axis=1)
assert n.min() >= 2
print("entries", int(n.sum()), "sum", X.sum())


def show(name, m):
    np.fill_diagonal(m, 0)
    print(name, " ".join(f"{m[i, j]:.9g}" for i, j in ((0, 1), (1, 0), (2, 5), (7, 3))),
          f"all {m.sum():.9g}")


def ease(x, lam, dropout, power):
    x = x * (n ** -power)[:, None]
    g = x.T @ x
    p = np.linalg.inv(g + np.diag(lam + dropout / (1 - dropout) * np.diag(g)))
    return -p / np.diag(p)[None, :]


show("ease", ease(X, 3.0, 0.0, 0.0))
show("ease dropout power", ease(X, 3.0, 0.4, 0.5))


def walk(x, alpha, beta):
    to = np.where(x > 0, (x / x.sum(axis=1, keepdims=True)) ** alpha, 0)
    back = np.where(x > 0, (x / x.sum(axis=0, keepdims=True)) ** alpha, 0).T
    w = back @ to / x.sum(axis=0)[None, :] ** beta
    np.fill_diagonal(w, 0)
    return w / w.sum(axis=1, keepdims=True)


show("rp3beta", walk(X, 0.7, 0.4))
show("p3alpha", walk(X, 1.0, 0.0))


def cosine(w):
    w = w / np.linalg.norm(w, axis=1, keepdims=True)
    return w @ w.T


items = sp.csr_matrix(X.T)
show("tfidf", cosine(tfidf_weight(items).toarray()))
bm25 = bm25_weight(items, K1=1.2, B=0.75).toarray()
show("bm25", bm25 @ bm25.T)

# cosine of 1 each, customers n^-1/4, shrink 3, asymmetry 0.7, norm 0.9
w = ((X > 0) * (n ** -0.25)[:, None]).T
s, length = w @ w.T, (w * w).sum(axis=1)
show("cosine", s / np.outer(length ** (0.9 * 0.7), length ** (0.9 * 0.3)) * s / (s + 3))

# pairs at least 6 customers have in common, days u * i % 30 apart, half-life 10
day = np.add.outer(np.zeros(USERS), np.zeros(ITEMS))
for u in range(USERS):
    for i in range(ITEMS):
        day[u, i] = 100 + u * i % 30
b = (X > 0) * 1.0
s = np.zeros((ITEMS, ITEMS))
for i in range(ITEMS):
    for j in range(ITEMS):
        s[i, j] = (b[:, i] * b[:, j] * 2 ** (-np.abs(day[:, i] - day[:, j]) / 10)).sum()
length, both = b.sum(axis=0), b.T @ b
show("timed", np.where(both >= 6, s / np.sqrt(np.outer(length, length)), 0))
np.fill_diagonal(both, 0)
print("pairs of 6 or more:", int((both >= 6).sum()), "of", int((both > 0).sum()))
