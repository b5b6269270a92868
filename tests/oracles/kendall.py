"""kendall: reference numbers for tests/models_forecast_detect.c, by SciPy and NumPy.

Run: build/peers/bin/python tests/oracles/kendall.py
S and its variance by their definitions, Theil-Sen's slope by SciPy, Hamed and Rao's factor by NumPy:
airline passengers (growth), 40 values with ties, and 40 of a line with waves, whose interval is
between the ranks of slopes 1.96 sd / 2 below and above the middle one, interpolated.
"""
import pathlib

import numpy as np
from scipy.stats import kendalltau, theilslopes

text = (pathlib.Path(__file__).parent.parent / "models_forecast_air.h").read_text()
AIR = np.array(text.split("= {")[1].split("}")[0].split(","), float)
TIES = np.array([(i * i * 7 % 11) // 2 + i // 15 for i in range(40)], float)
WAVE = np.array([0.3 * i + 3 * np.sin(i * i) for i in range(40)])


def show(name, y):
    n = len(y)
    s = int(sum(np.sign(y[j] - y[i]) for i in range(n) for j in range(i + 1, n)))
    counts = np.unique(y, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in counts)) / 18
    slope = theilslopes(y, np.arange(n))[0]
    x = y - slope * np.arange(n)
    rank = np.array([(np.sum(x < v) + np.sum(x <= v) + 1) / 2 for v in x]) - (n + 1) / 2
    c = 0.0
    for k in range(1, min(n - 3, 200) + 1):
        r = rank[k:] @ rank[:-k] / (rank @ rank)
        if abs(r) > 1.959963984540054 / np.sqrt(n):
            c += (n - k) * (n - k - 1) * (n - k - 2) * r
    c = max(1, 1 + 2 * c / (n * (n - 1) * (n - 2)))
    z = (s - np.sign(s)) / np.sqrt(c * variance)
    all_of = np.sort([(y[j] - y[i]) / (j - i) for i in range(n) for j in range(i + 1, n)])
    ranks = (len(all_of) - 1) / 2 + 1.959963984540054 * np.sqrt(c * variance) / 2 * np.array([-1, 1])
    low, high = np.interp(ranks, np.arange(len(all_of)), all_of)
    print(name, "low %.9f high %.9f" % (low, high), "s", s, "slope %.9f widened %.9f z %.9f" % (slope, c, z),
          "tau of SciPy (b) %.6f" % kendalltau(np.arange(n), y)[0])


show("air", AIR)
show("ties", TIES)
show("wave", WAVE)
