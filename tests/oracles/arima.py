"""arima: reference numbers for tests/models_forecast_arima.c from statsmodels 0.15.0.

Run: build/peers/bin/python tests/oracles/arima.py
Airline passengers in logarithms, ARIMA(0,1,1)(0,1,1)[12]: estimates, log likelihood, forecasts; and log
likelihoods of several orders at given coefficients, with and without a constant and a regressor.
"""
import numpy as np
from statsmodels.tsa.statespace.sarimax import SARIMAX

from air import AIR


def model(y, order, seasonal, **more):
    made = SARIMAX(y, order=order, seasonal_order=seasonal, simple_differencing=True, **more)
    made.tolerance = 0  # no steady state: exact to the last value
    return made


if __name__ == "__main__":
    y = np.log(AIR)
    fit = model(y, (0, 1, 1), (0, 1, 1, 12)).fit(disp=0, maxiter=500, method="bfgs", gtol=1e-10)
    print("airline", fit.params, "loglik %.9f" % fit.llf)
    full = SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)).smooth(fit.params)
    ahead = full.get_forecast(24)
    print("forecasts", ahead.predicted_mean[[0, 11, 23]], "se", ahead.se_mean[[0, 11, 23]])
    rows = [((2, 0, 1), (0, 0, 0, 0), [0.5, 0.3, 0.4, 0.01]),
            ((1, 1, 2), (1, 0, 1, 12), [0.3, -0.2, 0.25, 0.9, -0.5, 0.002]),
            ((3, 0, 0), (1, 1, 0, 4), [0.6, 0.1, 0.2, -0.4, 0.003]),
            ((0, 1, 3), (0, 1, 2, 12), [-0.4, 0.1, -0.2, -0.5, -0.1, 0.0014])]
    for order, seasonal, params in rows:
        print(order, seasonal, params, "loglik %.9f" % model(y, order, seasonal).loglike(params))
    from statsmodels.tsa.stattools import kpss
    import warnings
    warnings.filterwarnings("ignore")
    for name, x in (("level", AIR), ("change", np.diff(AIR))):
        print("kpss", name, "%.12f" % kpss(x, "c", nlags=int(3 * np.sqrt(len(x)) / 13))[0])
