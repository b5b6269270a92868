"""prophet: reference numbers for tests/models_forecast_prophet.c: the optimum of the posterior, by SciPy.

Run: build/peers/bin/python tests/oracles/prophet.py
Airline passengers 1949-1960 on the first of each month. The posterior as in "Forecasting at scale" (2018)
with the defaults of its authors' program; changes of slope are split into positive and negative parts, so
that a bounded quasi-Newton method finds the optimum. Cases: logistic growth to 800 with added and with
multiplied seasons; linear growth with a holiday every March (and the day after), a regressor and flat
growth with the same.
"""
import pathlib
from datetime import date

import numpy as np
from scipy.optimize import minimize

text = (pathlib.Path(__file__).parent.parent / "models_forecast_air.h").read_text()
AIR = np.array(text.split("= {")[1].split("}")[0].split(","), float)
DAY = np.array([(date(1949 + i // 12, i % 12 + 1, 1) - date(1970, 1, 1)).days for i in range(156)], float)
N = 144


def waves(day, period, order):
    turn = 2 * np.pi * np.arange(1, order + 1) * day[:, None] / period
    return np.stack([np.sin(turn), np.cos(turn)], axis=2).reshape(len(day), -1)


def fit(name, growth, multiply, cap=800.0, extra=False):
    t = (DAY - DAY[0]) / (DAY[N - 1] - DAY[0])
    x = waves(DAY, 365.25, 10)
    if extra:
        march = np.array([float(i % 12 == 2) for i in range(156)])
        line = np.array([float(i * i % 7) for i in range(156)])
        line = (line - line[:N].mean()) / line[:N].std(ddof=1)
        x = np.column_stack([x, march, line])
    scale = np.abs(AIR).max()
    y, cap = AIR / scale, cap / scale
    early = int(np.floor(N * .8))
    s = t[np.linspace(0, early - 1, 26).round().astype(int)[1:]] if growth != "flat" else np.zeros(0)
    h, beta, c = np.maximum(0, t[:, None] - s), x.shape[1], len(s)

    def curve(v):
        k, m, b = v[0], v[1], v[2:2 + beta]
        bend = h @ (v[2 + beta:2 + beta + c] - v[2 + beta + c:2 + beta + 2 * c])
        g = (cap / (1 + np.exp(-(k * (t - m) + bend))) if growth == "logistic"
             else k * t + m + bend if growth == "linear" else m + 0 * t)
        return g * (1 + x @ b) if multiply else g + x @ b

    def slopes(v):
        k, m, b = v[0], v[1], v[2:2 + beta]
        bend = h @ (v[2 + beta:2 + beta + c] - v[2 + beta + c:2 + beta + 2 * c])
        if growth == "logistic":
            share = 1 / (1 + np.exp(-(k * (t - m) + bend)))
            g, d = cap * share, cap * share * (1 - share)
            cols = [d * (t - m), -k * d]
        else:
            d = np.ones(len(t))
            g = k * t + m + bend if growth == "linear" else m + 0 * t
            cols = [t if growth == "linear" else 0 * t, d]
        swing = 1 + x @ b if multiply else np.ones(len(t))
        parts = [np.column_stack(cols) * swing[:, None], x * g[:, None] if multiply else x,
                 h * (d * swing)[:, None], -h * (d * swing)[:, None]]
        return np.column_stack(parts)[:N]

    def loss(v):
        sigma = np.exp(v[-1])
        r = y - curve(v)[:N]
        b = v[2:2 + beta]
        value = (N * np.log(sigma) + r @ r / (2 * sigma**2) + (v[0]**2 + v[1]**2) / 50 + b @ b / 200
                 + v[2 + beta:-1].sum() / .05 + sigma**2 / .5)
        grad = np.concatenate([-(r @ slopes(v)) / sigma**2,
                               [N - r @ r / sigma**2 + 4 * sigma**2]])
        grad[:2] += v[:2] / 25
        grad[2:2 + beta] += b / 100
        grad[2 + beta:-1] += 20
        return value, grad

    best = None
    for start in (-1., -3.):
        v = np.zeros(3 + beta + 2 * c)
        v[0], v[1], v[-1] = (2.0, .5, start) if growth == "logistic" else (.5, .3, start)
        bounds = [(None, None)] * (2 + beta) + [(0, None)] * (2 * c) + [(-12, 2)]
        for _ in range(30):
            r = minimize(loss, v, jac=True, method="L-BFGS-B", bounds=bounds,
                         options={"maxiter": 20000, "maxfun": 200000, "ftol": 1e-16, "gtol": 1e-11,
                                  "maxcor": 60})
            v = r.x
        if best is None or r.fun < best.fun:
            best = r
    v = best.x
    yhat = curve(v) * scale
    print(f"{name}: loss {best.fun:.6f} k {v[0]:.6f} m {v[1]:.6f} sigma {np.exp(v[-1]):.7f} "
          f"last betas {v[beta]:.6f} {v[1 + beta]:.6f} yhat "
          + ", ".join(f"{yhat[i]:.4f}" for i in (0, 72, 143, 144, 155)))


fit("linear (known)", "linear", False)
fit("logistic", "logistic", False)
fit("logistic, multiplied", "logistic", True)
fit("linear, holiday, regressor", "linear", False, extra=True)
fit("multiplied, holiday, regressor", "linear", True, extra=True)
fit("flat, holiday, regressor", "flat", False, extra=True)
