"""series: our ets, arima, dotm and theta against statsforecast's AutoETS, AutoARIMA and Theta models.

Same series, same season, same hold-out, in one run. Series are a table of monthly retail turnover
where ATELIER_DATA (or ../shared/data) has it, else monthly series made here. SERIES=n sets how many,
MODELS=arima,dotm which. One thread each. At the end arima with a season of 24 on two short series made
here, which take the other program half a minute; LONG=24,52 adds one with 52, which takes it more
than five minutes, LONG= leaves both out.
"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

SEASON, HORIZON, COUNT = 12, 24, int(os.environ.get("SERIES", "30"))
ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("ATELIER_DATA", ROOT.parent / "shared" / "data"))

os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1"
try:
    import numpy as np
    from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta, Theta
except ImportError:
    print("skipped: statsforecast is not installed (bench/requirements.txt)")
    sys.exit(0)


def retail():
    series = {}
    with open(DATA / "series" / "aus_retail.csv", newline="") as f:
        for row in csv.DictReader(f):
            series.setdefault(row["Series ID"], []).append((row["Month"], float(row["Turnover"])))
    return [[y for _, y in sorted(rows)] for rows in series.values() if len(rows) > 60]


def made(count, length, season):
    rng = np.random.default_rng(1)
    t = np.arange(length)
    return [(100 + rng.uniform(0, 1) * t) * (1 + 0.2 * np.sin(2 * np.pi * (t + i) / season))
            * (1 + 0.05 * rng.standard_normal(t.size)) for i in range(count)]


def score(actual, forecast, history, season):
    scale = np.mean(np.abs(history[season:] - history[:-season]))
    error = np.abs(actual - forecast)
    return np.mean(200 * error / (np.abs(actual) + np.abs(forecast))), np.mean(error) / scale


PEERS = {"ets": AutoETS, "arima": AutoARIMA, "dotm": DynamicOptimizedTheta, "theta": Theta}


def ours(series, model, season, horizon):
    work = ROOT / "build" / "bench"
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "ets.csv", "w") as f:
        f.write("series,t,y\n")
        for i, y in enumerate(series):
            f.writelines(f"{i:05},{t},{float(v)!r}\n" for t, v in enumerate(y[:-horizon]))
    program = os.environ.get("ATELIER", str(ROOT / "build" / "release" / "atelier"))
    out = subprocess.run([program, "forecast", "--in", work / "ets.csv", "--model", model,
                          "--season", str(season), "--horizon", str(horizon), "--level=",
                          "--threads", "1", "--json"], check=True, capture_output=True).stdout
    document = json.loads(out)
    mean = np.array([row["forecast"] for row in document["forecasts"]]).reshape(len(series), horizon)
    return mean, document["timing"]["fit_s"]


def theirs(series, model, season, horizon, warm=True):
    warnings.filterwarnings("ignore")
    peer = PEERS[model]
    if warm:
        peer(season_length=season).forecast(np.asarray(series[0][:-horizon]), horizon)
    start = time.perf_counter()
    mean = [peer(season_length=season).forecast(np.asarray(y[:-horizon]), horizon)["mean"]
            for y in series]
    return np.array(mean), time.perf_counter() - start


def compare(series, model, season, horizon, warm=True):
    results = {"atelier": ours(series, model, season, horizon),
               "statsforecast": theirs(series, model, season, horizon, warm)}
    for name, (mean, seconds) in results.items():
        scores = [score(y[-horizon:], f, y[:-horizon], season) for y, f in zip(series, mean)]
        smape, mase = np.mean(scores, axis=0)
        print(f"{model:6} {name:14} {len(series) / seconds:8.2f} series/s   sMAPE {smape:.3f}   "
              f"MASE {mase:.3f}")
    print(f"{model:6} ratio {results['statsforecast'][1] / results['atelier'][1]:8.1f} times as fast "
          f"({len(series)} series of about {int(np.median([len(y) for y in series]))} values, season "
          f"{season})", flush=True)


series = (retail() if (DATA / "series" / "aus_retail.csv").exists() else made(COUNT, 240, SEASON))
step = max(1, len(series) // COUNT)
series = [np.asarray(y, dtype=float) for y in series[::step][:COUNT]]
for model in filter(None, os.environ.get("MODELS", "ets,arima,dotm,theta").split(",")):
    compare(series, model, SEASON, HORIZON)
for season, count, length in ((24, 2, 144), (52, 1, 156)):
    if str(season) not in os.environ.get("LONG", "24").split(","):
        continue
    compare(made(count, length + season // 2, season), "arima", season, season // 2, warm=False)
