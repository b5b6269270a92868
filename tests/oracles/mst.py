#!/usr/bin/env python3
"""mst: numbers of SciPy 1.17.1 for tests/models_mst.c: core distances from the whole matrix of
distances, and scipy.sparse.csgraph.minimum_spanning_tree over mutual reachability.

Run with the Python of build/peers; the printed numbers stand in the test."""
import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

N, D = 701, 4


def planted():
    """The numbers of planted() of the test: integers over 1009 in six groups, as float32."""
    i, j = np.arange(N)[:, None], np.arange(D)[None, :]
    noise = ((i * 7919 + j * 104729 + i * i * 31 * (j + 1)) % 1009) / 1009
    return (noise * 4 + ((i % 6) * (j + 2) * 5) % 7).astype(np.float32).astype(np.float64)


distance = cdist(planted(), planted())
ascending = np.sort(distance, axis=1)
for neighbours in (0, 1, 5, 20):
    core = ascending[:, neighbours]
    weight = np.maximum(distance, np.maximum(core[:, None], core[None, :]))
    np.fill_diagonal(weight, 0)
    tree = np.sort(minimum_spanning_tree(weight).data)
    numbers = core.sum(), core.max(), tree.sum(), tree[N // 2], tree[-1]
    print(f"{{{neighbours}, {', '.join(repr(float(v)) for v in numbers)}}},")
