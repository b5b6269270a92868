"""croston: reference numbers for tests/models_forecast_croston.c from PyPI statsforecast 2.1.1.

Run: build/peers/bin/python tests/oracles/croston.py
"""
import numpy as np
from statsforecast.models import ADIDA, IMAPA, TSB, CrostonClassic, CrostonSBA

Y = np.array([0, 2, 0, 1, 0, 11, 0, 0, 0, 0, 2, 0, 6, 3, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 5, 0, 0, 0, 4],
             dtype=float)
for model in (CrostonClassic(), CrostonSBA(), TSB(alpha_d=0.1, alpha_p=0.1), ADIDA(), IMAPA()):
    print(model, "%.10f" % model.forecast(Y, 1)["mean"][0])
