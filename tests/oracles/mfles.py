"""mfles: what statsforecast's MFLES says of three series, for tests/models_forecast_mfles.c.

    build/peers/bin/python tests/oracles/mfles.py

The series are made of whole numbers by the same rules as in the test.
"""
import numpy as np
from statsforecast.mfles import MFLES


def made(n, seasons, slope, noise, below):
    t = np.arange(n)
    y = 200.0 + slope * t / 10 - below
    for m in seasons:
        y += (t % m) * (m - t % m) * 160.0 / (m * m)
    return y + (t * 7919 % 101) * noise / 100.0


for name, y, seasons in (
    ("one season, logs", made(120, [12], 3, 20, 0), [12]),
    ("two seasons, logs", made(700, [24, 168], 1, 30, 0), [24, 168]),
    ("values below zero", made(150, [7], -6, 40, 230), [7]),
    ("no season", made(80, [], 9, 25, 0), None),
    ("no season, rough", made(60, [], 0, 100, 250), None),
):
    m = MFLES(verbose=0)
    m.fit(y, seasonal_period=seasons)
    print(name, m.robust, ", ".join(f"{x:.6f}" for x in m.predict(6)))

from statsforecast.mfles import get_basis, lasso_nb  # noqa: E402

t = np.arange(60)
y = 1.2 * np.abs(t - 25) + (t * 7919 % 101) / 10.0
lines = get_basis(y=y, n_changepoints=6)
print("bends", ", ".join(f"{x:.6f}" for x in (lines @ lasso_nb(lines, y, alpha=1.0))[[0, 10, 25, 40, 59]]))
