"""stl: reference numbers for tests/models_forecast_stl.c, by statsmodels' STL and MSTL.

Run: build/peers/bin/python tests/oracles/stl.py
Airline passengers 1949-1960, season 12, plain, with other windows and robust (with one value spoilt);
MSTL of a made series with seasons 6 and 15, whose values C makes with the same formula.
"""
import pathlib

import numpy as np
from statsmodels.tsa.seasonal import MSTL, STL

text = (pathlib.Path(__file__).parent.parent / "models_forecast_air.h").read_text()
AIR = np.array(text.split("= {")[2 if text.count("= {") > 1 else 1].split("}")[0].split(","), float)
AT = [0, 1, 7, 30, 71, 100, 142, 143]


def show(name, r):
    print(name)
    for part in ("trend", "seasonal", "resid", "weights"):
        print("   ", part, ", ".join(f"{v:.9f}" for v in np.asarray(getattr(r, part))[AT]))


show("plain", STL(AIR, period=12).fit())
show("windows 13, 25, 15, degree 0", STL(AIR, period=12, seasonal=13, trend=25, low_pass=15,
                                         seasonal_deg=0).fit())
show("window beyond cycles", STL(AIR, period=12, seasonal=35).fit())
spoilt = AIR.copy()
spoilt[30] += 300
show("robust", STL(spoilt, period=12, robust=True).fit())

t = np.arange(120)
y = 50 + 0.1 * t + 5 * np.sin(t * t % 6) + 3 * ((7 * t) % 15) / 15.0 + (t * t * 31 % 17) / 17.0
r = MSTL(y, periods=(6, 15)).fit()
print("mstl")
for name, part in (("trend", r.trend), ("first", r.seasonal[:, 0]), ("second", r.seasonal[:, 1]),
                   ("resid", r.resid)):
    print("   ", name, ", ".join(f"{v:.9f}" for v in part[[0, 5, 60, 118, 119]]))
