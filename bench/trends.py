#!/usr/bin/env python3
"""trends: a board of 100,000 articles over 104 weeks, against SciPy.

Ours: two windows of four weeks with fitted priors (growth, strength, level) of 20 categories and of
all, posteriors and false-sign rates by two priors, and the stage of each article from the shape of
its last 26 weeks. Theirs: mu and s of the same categories by scipy.optimize on scipy.special.betaln,
the posteriors by scipy.stats.beta (ppf and cdf, vectorised), Mann-Kendall's S of the 26 weeks by
NumPy; no level, no dispersion, no second prior, no ties. Prints the best of three of ours.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PROGRAM = os.path.join(ROOT, "build/release/bench/trends")
N, WEEKS, CATEGORIES = 100_000, 104, 20

try:
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import betaln
    from scipy.stats import beta
except ImportError as missing:
    print(f"skipped: {missing.name} is not here; tools/setup.sh --dev installs the peers")
    sys.exit(0)

subprocess.run(["make", "-s", "build/release/bench/trends"], cwd=ROOT, check=True)


def ours(threads, file=None):
    words = [PROGRAM, str(N), str(WEEKS), str(CATEGORIES), str(threads)] + ([file] if file else [])
    return json.loads(subprocess.run(words, check=True, capture_output=True).stdout)


with tempfile.NamedTemporaryFile() as file:
    one = ours(1, file.name)
    two = ours(2)
    x = np.fromfile(file.name).reshape(-1, 6)
print(f"ours, 1 thread:  windows {one['windows_s']:.3f} s, board {one['board_s']:.3f} s, "
      f"processor {one['cpu_s']:.3f} s")
print(f"ours, 2 threads: windows {two['windows_s']:.3f} s, board {two['board_s']:.3f} s")

y0, y1, category = x[:, 0], x[:, 1], np.arange(N) % CATEGORIES
start = time.perf_counter()
a, b = np.empty(N), np.empty(N)
for k in range(CATEGORIES):
    of = category == k

    def loss(at):
        m, s = 1 / (1 + np.exp(-at[0])), np.exp(at[1])
        return -(betaln(s * m + y1[of], s * (1 - m) + y0[of]) - betaln(s * m, s * (1 - m))).sum()

    mu, ln_s = minimize(loss, [0.0, 2.5], method="Nelder-Mead").x
    m, s = 1 / (1 + np.exp(-mu)), np.exp(ln_s)
    a[of], b[of] = s * m + y1[of], s * (1 - m) + y0[of]
fit = time.perf_counter() - start
p = beta.ppf([[0.05], [0.5], [0.95]], a, b)
growth = p / (1 - p)
below = beta.cdf(0.5, a, b)
posteriors = time.perf_counter() - start - fit

units = np.random.default_rng(7).poisson(4.0, (N, 26))
start = time.perf_counter()
s = np.zeros(N)
for k in range(1, 26):
    s += np.sign(units[:, k:] - units[:, :-k]).sum(1)
shape = time.perf_counter() - start
whole = fit + posteriors + shape
off = np.abs(np.log(growth[1]) - np.log(x[:, 2]))
print(f"SciPy and NumPy: priors {fit:.3f} s, posteriors {posteriors:.3f} s, shape {shape:.3f} s, "
      f"in all {whole:.3f} s: {whole / one['board_s']:.1f} times ours on one thread")
print(f"median difference of ln growth {np.median(off):.4f} (the dispersion is 1 for theirs)")
