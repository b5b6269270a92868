"""ets: reference numbers for tests/models_forecast_ets.c from PyPI statsforecast 2.1.1.

Run: python -m venv build/peers && build/peers/bin/pip install statsforecast==2.1.1
     build/peers/bin/python tests/oracles/ets.py
Prints, per form without season (their search finds the optimum there), -2 log likelihood, AICc and
the forecasts of steps 1, 6 and 12; and the -2 log likelihood that theirs reaches for seasonal forms.
"""
import warnings

import numpy as np
from statsforecast.models import AutoETS

# International airline passengers, thousands a month, 1949-1952 (Box and Jenkins 1976, series G).
AIR = [112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170,
       170, 158, 133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180,
       193, 181, 183, 218, 230, 242, 209, 191, 172, 194]

warnings.filterwarnings("ignore")
y = np.array(AIR, dtype=float)
for name, damped in [("ANN", None), ("MNN", None), ("AAN", False), ("MAN", False), ("AAN", True),
                     ("MAN", True), ("ANA", None), ("AAA", False), ("MAA", False), ("MAM", False),
                     ("MAM", True)]:
    model = AutoETS(season_length=12, model=name, damped=damped).fit(y)
    mean = model.predict(12)["mean"]
    print(f"{name}{'d' if damped else ''} L {-2 * model.model_['loglik']:.4f} "
          f"AICc {model.model_['aicc']:.4f} mean {mean[0]:.4f} {mean[5]:.4f} {mean[11]:.4f} "
          f"par {np.round(model.model_['par'][:4], 4)}")
