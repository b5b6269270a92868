"""theta: reference numbers for tests/models_forecast_theta.c, written from the papers with SciPy.

Run: build/peers/bin/python tests/oracles/theta.py
Airline passengers 1949-1960, season 12: seasonal factors, the M4 benchmark's Theta, and the optimised
and dynamic optimised models by a search over all three parameters at once from many starts.
"""
import numpy as np
from scipy.optimize import minimize

from air import AIR

M, H = 12, 12


def factors(y):
    kernel = np.r_[0.5, np.ones(M - 1), 0.5] / M
    ratio = np.full(len(y), np.nan)
    ratio[M // 2:len(y) - M // 2] = y[M // 2:len(y) - M // 2] / np.convolve(y, kernel, "valid")
    s = np.array([np.nanmean(ratio[k::M]) for k in range(M)])
    return s / s.mean()


def ses(y, low=1e-4, high=0.9999):
    def run(p):
        level, sse = p[1], 0
        for v in y:
            sse += (v - level) ** 2
            level += p[0] * (v - level)
        return sse, level
    best = min((minimize(lambda p: run(p)[0], [a, y[0]], bounds=[(low, high), (None, None)],
                         options={"ftol": 1e-15, "gtol": 1e-12}) for a in (.1, .5, .9)),
               key=lambda r: r.fun)
    return best.x[0], run(best.x)[1], best.fun, best.x[1]


def classic(x):
    t = np.arange(1, len(x) + 1)
    b, a = np.polyfit(t, x, 1)
    _, level, _, _ = ses(2 * x - (a + b * t))
    return (level + a + b * np.arange(len(x) + 1, len(x) + H + 1)) / 2


def classic_errors(x):
    """Squared one-step errors, after the third, of the mean of the line and the smoothed line."""
    t = np.arange(1, len(x) + 1)
    b, a = np.polyfit(t, x, 1)
    second = 2 * x - (a + b * t)
    alpha, _, _, level = ses(second)
    sse = 0
    for i in range(len(x)):
        f = (level + a + b * t[i]) / 2
        sse += (x[i] - f) ** 2 if i >= 3 else 0
        level += alpha * (second[i] - level)
    return sse


def otm(x, dynamic):
    n = len(x)
    line = np.polyfit(np.arange(1, n + 1), x, 1)

    def run(p):
        start, alpha, theta = p
        level, mean, a, b = start, 0.0, *( (0.0, 0.0) if dynamic else (line[1], line[0]))
        sse, out = 0, []
        for t in range(1, n + H + 1):
            q = 1 - alpha
            mu = level + (1 - 1 / theta) * (a * q ** (t - 1) + b * (1 - q ** t) / alpha)
            v = x[t - 1] if t <= n else mu
            if 3 < t <= n:
                sse += (v - mu) ** 2
            if t > n:
                out.append(mu)
            level = alpha * v + q * level
            if dynamic:
                before, mean = mean, ((t - 1) * mean + v) / t
                b = ((t - 2) * b + 6 * (v - before) / t) / (t + 1) if t > 1 else 0.0
                a = mean - b * (t + 1) / 2
        return sse, out
    bounds = [(None, None), (.1, .99), (1, 1000)]
    best = min((minimize(lambda p: run(p)[0], [x[0] / 2, a, th], bounds=bounds, method="L-BFGS-B",
                         options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10})
                for a in (.15, .4, .7, .95) for th in (1.1, 2, 10, 100)), key=lambda r: r.fun)
    return best, run(best.x)[1]


s = factors(AIR)
x = AIR / np.tile(s, len(AIR) // M)
print("factors", np.round(s, 8))
print("ses alpha, level, sse", *(round(v, 6) for v in ses(x)[:3]))
print("classic", np.round(classic(x) * s, 5), "sse", round(classic_errors(x), 4))
for dynamic in (False, True):
    best, mean = otm(x, dynamic)
    print("dynamic" if dynamic else "static", "sse %.6f" % best.fun, "l0, alpha, theta", best.x,
          "mean", np.round(np.array(mean) * s, 4))
