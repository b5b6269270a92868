"""series: our ets, arima and dotm against statsforecast's AutoETS, AutoARIMA and DynamicOptimizedTheta.

Same series, same season, same hold-out, in one run. Series are a table of monthly retail turnover
where ATELIER_DATA (or ../shared/data) has it, else monthly series made here. SERIES=n sets how many,
MODELS=arima,dotm which. One thread each.
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
    from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta
except ImportError:
    print("skipped: statsforecast is not installed (bench/requirements.txt)")
    sys.exit(0)


def retail():
    series = {}
    with open(DATA / "series" / "aus_retail.csv", newline="") as f:
        for row in csv.DictReader(f):
            series.setdefault(row["Series ID"], []).append((row["Month"], float(row["Turnover"])))
    return [[y for _, y in sorted(rows)] for rows in series.values() if len(rows) > 60]


def made():
    rng = np.random.default_rng(1)
    t = np.arange(240)
    return [(100 + rng.uniform(0, 1) * t) * (1 + 0.2 * np.sin(2 * np.pi * (t + i) / SEASON))
            * (1 + 0.05 * rng.standard_normal(t.size)) for i in range(COUNT)]


def score(actual, forecast, history):
    scale = np.mean(np.abs(history[SEASON:] - history[:-SEASON]))
    error = np.abs(actual - forecast)
    return np.mean(200 * error / (np.abs(actual) + np.abs(forecast))), np.mean(error) / scale


PEERS = {"ets": AutoETS, "arima": AutoARIMA, "dotm": DynamicOptimizedTheta}


def ours(series, model):
    work = ROOT / "build" / "bench"
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "ets.csv", "w") as f:
        f.write("series,t,y\n")
        for i, y in enumerate(series):
            f.writelines(f"{i:05},{t},{float(v)!r}\n" for t, v in enumerate(y[:-HORIZON]))
    program = os.environ.get("ATELIER", str(ROOT / "build" / "release" / "atelier"))
    out = subprocess.run([program, "forecast", "--in", work / "ets.csv", "--model", model,
                          "--season", str(SEASON), "--horizon", str(HORIZON), "--level=",
                          "--threads", "1", "--json"], check=True, capture_output=True).stdout
    document = json.loads(out)
    mean = np.array([row["forecast"] for row in document["forecasts"]]).reshape(len(series), HORIZON)
    return mean, document["timing"]["fit_s"]


def theirs(series, model):
    warnings.filterwarnings("ignore")
    peer = PEERS[model]
    peer(season_length=SEASON).forecast(np.asarray(series[0][:-HORIZON]), HORIZON)  # warm up
    start = time.perf_counter()
    mean = [peer(season_length=SEASON).forecast(np.asarray(y[:-HORIZON]), HORIZON)["mean"]
            for y in series]
    return np.array(mean), time.perf_counter() - start


series = retail() if (DATA / "series" / "aus_retail.csv").exists() else made()
step = max(1, len(series) // COUNT)
series = [np.asarray(y, dtype=float) for y in series[::step][:COUNT]]
for model in os.environ.get("MODELS", "ets,arima,dotm").split(","):
    results = {"atelier": ours(series, model), "statsforecast": theirs(series, model)}
    for name, (mean, seconds) in results.items():
        scores = [score(y[-HORIZON:], f, y[:-HORIZON]) for y, f in zip(series, mean)]
        smape, mase = np.mean(scores, axis=0)
        print(f"{model:6} {name:14} {len(series) / seconds:8.2f} series/s   sMAPE {smape:.3f}   "
              f"MASE {mase:.3f}")
    print(f"{model:6} ratio {results['statsforecast'][1] / results['atelier'][1]:8.1f} times as fast "
          f"({len(series)} series of about {int(np.median([len(y) for y in series]))} months)",
          flush=True)
