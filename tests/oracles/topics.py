# topics: reference numbers of tests/models_topics.c by NumPy, SciPy and scikit-learn.
#
#     build/peers/bin/python tests/oracles/topics.py
#
# The matrix is a rule of whole numbers that the C test repeats: entry (i, j) of 240 rows and 90
# columns is there when (7 i + 11 j + i j) mod 13 < 2, and is 1 + (3 i + 5 j) mod 7 then, plus 4 in
# the block that row i's group (i mod 3) shares with column j's group (j mod 3).
import numpy as np
import scipy.sparse
from sklearn.decomposition import TruncatedSVD

i, j = np.mgrid[0:240, 0:90]
there = (7 * i + 11 * j + i * j) % 13 < 2
x = np.where(there, 1 + (3 * i + 5 * j) % 7 + 4 * (i % 3 == j % 3), 0).astype(float)
svd = TruncatedSVD(8, algorithm="arpack", random_state=0).fit(scipy.sparse.csr_matrix(x))
print("singular", ", ".join("%.6f" % s for s in svd.singular_values_))
v = svd.transform(x)
v /= np.linalg.norm(v, axis=1, keepdims=True)
print("cosines", ", ".join("%.6f" % (v[a] @ v[b]) for a, b in [(0, 3), (0, 1), (5, 77), (100, 239)]))
