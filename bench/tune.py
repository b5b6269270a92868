# tune: best of 60 trials of our TPE and of Optuna's, 30 seeds each, and the time of an ask.
import json
import subprocess
import sys

import numpy as np
from scipy.stats import mannwhitneyu

try:
    import optuna
except ImportError:
    print("skipped: no optuna here (tools/setup.sh --dev)")
    sys.exit(0)

SEEDS, TRIALS = 30, 60
optuna.logging.set_verbosity(optuna.logging.ERROR)

A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
              [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
P = np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
              [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]) * 1e-4
C = np.array([1, 1.2, 3, 3.2])


def branin(t, _):
    x, y = t.suggest_float("x0", -5, 10), t.suggest_float("x1", 0, 15)
    a = y - 5.1 / (4 * np.pi**2) * x * x + 5 / np.pi * x - 6
    return a * a + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10


def hartmann6(t, _):
    x = np.array([t.suggest_float(f"x{i}", 0, 1) for i in range(6)])
    return -(C * np.exp(-(A * (x - P) ** 2).sum(1))).sum()


def log_quadratic(t, noise):
    x = [t.suggest_float(f"x{i}", 1e-5, 1, log=True) for i in range(2)]
    return sum((np.log10(v) + 2) ** 2 for v in x) + 0.1 * noise.standard_normal()


def best(game, seed):
    noise = np.random.default_rng(seed)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(lambda t: game(t, noise), n_trials=TRIALS)
    return study.best_value


subprocess.run(["make", "-s", "build/release/bench/tune"], check=True)
ours = json.loads(subprocess.check_output(["build/release/bench/tune", str(SEEDS), str(TRIALS)]))
for game in (branin, hartmann6, log_quadratic):
    mine, theirs = ours[game.__name__], [best(game, s) for s in range(SEEDS)]
    worse = mannwhitneyu(mine, theirs, alternative="greater").pvalue
    print(f"{game.__name__:14} median best of {TRIALS} trials, {SEEDS} seeds: ours "
          f"{np.median(mine):.4f}, optuna {optuna.__version__} {np.median(theirs):.4f}; "
          f"one-sided p that ours is worse: {worse:.3f}")
print(f"ask at 1,000 trials x 10 parameters: {ours['ask_ms']:.3f} ms (reals), "
      f"{ours['ask_mixed_ms']:.3f} ms (3 whole, 4 real, 3 words)")
