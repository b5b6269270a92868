#!/usr/bin/env python3
"""hdbscan: numbers of the package hdbscan 0.8.44 (exact spanning trees) for tests/models_hdbscan.c.

Writes tests/oracles/hdbscan.tsv. Twelve tables of clouds and noise, drawn by the counter-based
generator of src/base/random.c so that the test draws the same. Each stands with a line

    table  seed  n  d  min_cluster_size  neighbours  epsilon  3 x (relative validity, DBCV)

n lines of 3 x (label, strength) for EOM, leaf and epsilon, GLOSH, and the soft membership of the
own cluster (EOM; 0 for noise), and FRESH lines of label and strength of rows that were not there
(approximate_predict, EOM). Only tables are taken where no ties decide (seeds())."""
import pathlib
import sys
import warnings

sys.path.pop(0)  # this file has the package's name
import hdbscan
import numpy as np
from hdbscan.validity import validity_index
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist

warnings.filterwarnings("ignore")
FRESH = 12
# What seeds() finds.
SEEDS = [0, 1295, 2055, 3299, 4064, 5001, 6005, 7128, 8563, 9042, 10000, 11730]
MASK = np.uint64(0xFFFFFFFF)


def uniforms(seed, streams, count):
    """[streams, count] of rng_uniform: Philox 4x32-10."""
    out, streams = [], np.asarray(streams, np.uint64)
    for block in range((count + 1) // 2):
        zero = np.zeros(len(streams), np.uint64)
        c, k0, k1 = [zero + np.uint64(block), zero, streams, zero], seed & 0xFFFFFFFF, seed >> 32
        for _ in range(10):
            a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
            c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), b & MASK,
                 (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), a & MASK]
            k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
        for low, high in ((c[0], c[1]), (c[2], c[3])):
            word = (high << np.uint64(32) | low) >> np.uint64(11)
            out.append(word.astype(np.float64) * 2.0**-53)
    return np.array(out).T[:, :count]


def table(t, seed):
    """(x float32 [n + FRESH, d], n, least, neighbours) of table t."""
    n, d, groups = 100 + 6 * t, 2 + t % 5, 3 + t % 4
    u = uniforms(seed, np.arange(n + FRESH), 4 * d)
    centre = 8 * uniforms(seed, 1000000 + np.arange(groups), d)
    x = np.empty((n + FRESH, d))
    for i in range(n + FRESH):
        kind = i % (groups + 1)
        for j in range(d):
            w = u[i, 4 * j:4 * j + 4]
            bell = w[0] + w[1] + w[2] + w[3] - 2
            wide = (0.5 + 0.25 * kind) * (1 + 0.125 * d)
            x[i, j] = centre[kind, j] + bell * wide if kind < groups else 8 * w[0]
    return x.astype(np.float32), n, 5 + t % 4 * 2, 1 + t * 3 % 5


def fit(x, least, neighbours, algorithm, **words):
    return hdbscan.HDBSCAN(min_cluster_size=least, min_samples=neighbours, algorithm=algorithm,
                           approx_min_span_tree=False, gen_min_span_tree=True,
                           prediction_data=True, **words).fit(x)


def some_epsilon(f):
    """A distance above that at which all but one of the clusters were born."""
    tree = f.condensed_tree_.to_numpy()
    chosen = f.condensed_tree_._select_clusters()
    births = [tree["lambda_val"][tree["child"] == c][0] for c in chosen]
    return round(float(1.02 / sorted(births)[1]), 3)


def ties_decide(x, least, neighbours):
    """True where edges of one weight join three components or more at once, of which all but the
    largest hold `least` rows together: then the order in which they are taken can be seen."""
    far = cdist(x, x)
    core = np.sort(far, axis=1)[:, neighbours]
    reach = np.maximum(far, np.maximum(core[:, None], core[None, :]))
    for weight in np.unique(minimum_spanning_tree(reach).data):
        parts = connected_components(np.triu(reach < weight, 1), directed=False)[1]
        whole = connected_components(np.triu(reach <= weight, 1), directed=False)[1]
        for c in np.unique(whole):
            sizes = np.bincount(parts[whole == c])
            sizes = np.sort(sizes[sizes > 0])
            if len(sizes) > 2 and sizes[:-1].sum() >= least:
                return True
    return False


def fits_of(x, least, neighbours):
    """EOM, leaf, epsilon."""
    epsilon = some_epsilon(fit(x, least, neighbours, "generic"))
    ways = {}, {"cluster_selection_method": "leaf"}, {"cluster_selection_epsilon": epsilon}
    return [fit(x, least, neighbours, "boruvka_kdtree", **way) for way in ways], epsilon


def seeds():
    """For each table the first seed whose table has no ties that matter, three clusters or more,
    and other leaves."""
    for t in range(12):
        for seed in range(1000 * t, 1000 * t + 1000):
            x, n, least, neighbours = table(t, seed)
            x = x[:n].astype(np.float64)
            eom = fit(x, least, neighbours, "generic").labels_.max()
            leaf = fit(x, least, neighbours, "generic", cluster_selection_method="leaf")
            if 2 <= eom < leaf.labels_.max() and not ties_decide(x, least, neighbours):
                print(seed, end=", ", flush=True)
                break


lines = []
for t, seed in enumerate(SEEDS):
    all_rows, n, least, neighbours = table(t, seed)
    x, fresh = all_rows[:n].astype(np.float64), all_rows[n:].astype(np.float64)
    fits, epsilon = fits_of(x, least, neighbours)
    head = [seed, n, all_rows.shape[1], least, neighbours, f"{epsilon:.3f}"]
    for f in fits:
        dbcv = validity_index(x, f.labels_) if f.labels_.max() > 0 else 9
        head += [f"{f.relative_validity_:.9f}", f"{dbcv:.9f}"]
    lines.append(["table", *head])
    soft = hdbscan.all_points_membership_vectors(fits[0])
    for i in range(n):
        own = soft[i, fits[0].labels_[i]] if fits[0].labels_[i] >= 0 else 0
        row = [w for f in fits for w in (f.labels_[i], f"{f.probabilities_[i]:.7g}")]
        lines.append([*row, f"{fits[0].outlier_scores_[i]:.7g}", f"{own:.7g}"])
    label, strength = hdbscan.approximate_predict(fits[0], fresh)
    lines += [[label[i], f"{strength[i]:.7g}"] for i in range(FRESH)]
    print(t, seed, n, all_rows.shape[1], "least", least, "neighbours", neighbours,
          *(f"{f.labels_.max() + 1} clusters, {(f.labels_ < 0).sum()} noise;" for f in fits))
path = pathlib.Path(__file__).with_name("hdbscan.tsv")
path.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
