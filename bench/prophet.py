"""prophet: our solver of the posterior against the authors' program, one thread each, one calendar.

COUNT series of three years of days (a trend that bends, a week, a year, noise), same defaults, in one
run. Ours fits and forecasts all of them; theirs fits the first PEERS. Both are read at the end of the
history and HORIZON days ahead; the difference is a share of the range of the series.
"""
import csv
import json
import logging
import os
import pathlib
import subprocess
import sys
import time
import warnings

COUNT, PEERS, DAYS, HORIZON = int(os.environ.get("SERIES", "1000")), 12, 1095, 28
ROOT = pathlib.Path(__file__).resolve().parent.parent

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.pop(0)  # this folder: the file has the name of the peer
try:
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore")
    import numpy as np
    import pandas as pd
    from prophet import Prophet
except ImportError:
    print("skipped: prophet is not installed (pip install prophet)")
    sys.exit(0)


def made():
    rng = np.random.default_rng(1)
    t = np.arange(DAYS)
    series = []
    for i in range(COUNT):
        bend = np.cumsum(rng.laplace(0, 0.02, DAYS) * (rng.uniform(size=DAYS) < 0.01))
        series.append(100 + np.cumsum(0.05 + bend) + 10 * np.sin(2 * np.pi * (t + i) / 365.25)
                      + 5 * np.sin(2 * np.pi * (t + i) / 7) + rng.normal(0, 3, DAYS))
    return series


def ours(series, dates):
    work = ROOT / "build" / "bench"
    work.mkdir(parents=True, exist_ok=True)
    with open(work / "prophet.csv", "w") as f:
        f.write("series,ds,y\n")
        for i, y in enumerate(series):
            f.writelines(f"{i:05},{d},{v!r}\n" for d, v in zip(dates, y.tolist()))
    program = os.environ.get("ATELIER", str(ROOT / "build" / "release" / "atelier"))
    out = work / "prophet-out.csv"
    said = subprocess.run([program, "forecast", "--in", work / "prophet.csv", "--model", "prophet",
                           "--horizon", str(HORIZON), "--level", "80", "--threads", "1", "--json",
                           "--out", out], check=True, capture_output=True).stdout
    with open(out, newline="") as f:
        rows = [[float(r[k]) for k in ("mean", "low_80", "high_80")] for r in csv.DictReader(f)]
    return np.array(rows).reshape(COUNT, HORIZON, 3), json.loads(said)["timing"]["fit_s"]


def theirs(series, dates):
    frame = pd.DataFrame({"ds": pd.to_datetime(dates)})
    Prophet().fit(frame.assign(y=series[0]))  # warm up
    mean, fitting, predicting = [], 0.0, 0.0
    for y in series[:PEERS]:
        start = time.perf_counter()
        model = Prophet().fit(frame.assign(y=y))
        fitted = time.perf_counter()
        future = model.make_future_dataframe(HORIZON, include_history=False)
        got = model.predict(future)
        predicting += time.perf_counter() - fitted
        fitting += fitted - start
        mean.append(got[["yhat", "yhat_lower", "yhat_upper"]].to_numpy())
    return np.array(mean), fitting / PEERS, predicting / PEERS


dates = [str(d.date()) for d in pd.date_range("2021-01-01", periods=DAYS)]
series = made()
mean, seconds = ours(series, dates)
peer, fitting, predicting = theirs(series, dates)
spread = np.array([np.ptp(y) for y in series[:PEERS]])[:, None]
apart = np.abs(mean[:PEERS, :, 0] - peer[:, :, 0]) / spread
width = (mean[:PEERS, :, 2] - mean[:PEERS, :, 1]).mean() / (peer[:, :, 2] - peer[:, :, 1]).mean()
each = seconds / COUNT
print(f"atelier   {1 / each:9.1f} series/s, fit, forecast and intervals ({COUNT} series of {DAYS} days)")
print(f"prophet   {1 / fitting:9.1f} series/s, fit alone; {1 / (fitting + predicting):.1f} with the forecast")
print(f"ratio     {fitting / each:9.1f} times as fast as its fit alone, "
      f"{(fitting + predicting) / each:.1f} with the forecast")
print(f"forecasts differ by {100 * apart.mean():.3f} % of the range on average, "
      f"{100 * apart.max():.3f} % at most; intervals {width:.3f} times as wide")
