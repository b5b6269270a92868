"""pairs: made-up purchases with log-normal customer degrees and log-normal article popularity."""
import numpy as np


def pairs(users, items, seed=1):
    """Distinct (customer, article) pairs, ascending: two int32 arrays."""
    rng = np.random.default_rng(seed)
    degree = np.clip(rng.lognormal(np.log(12), 1.2, users).astype(int), 1, items // 4)
    weight = rng.lognormal(0, 1.74, items)
    cumulated = np.cumsum(weight) / weight.sum()
    row = np.repeat(np.arange(users, dtype=np.int32), degree)
    col = np.searchsorted(cumulated, rng.random(len(row))).astype(np.int32)
    both = np.unique(row.astype(np.int64) * items + col)
    return (both // items).astype(np.int32), (both % items).astype(np.int32)
