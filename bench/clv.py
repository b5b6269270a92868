"""clv: fits of BG/NBD, MBG/NBD, Pareto/NBD and Gamma-Gamma against lifetimes, in one run.

Histories: the CDNOW master file (ATELIER_DATA or ../shared/data: retail/CDNOW_master.txt), in weeks
until 30 September 1997, or as many drawn ones where it is not there; then ROWS (1,000,000) drawn
ones, ours alone. Times are the best of three by the wall (processor), collapsing equal histories
included; the peer gets the same arrays."""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = int(os.environ.get("ROWS", "1000000"))
DATA = pathlib.Path(os.environ.get("ATELIER_DATA", ROOT.parent / "shared" / "data"))
WEEKS = 39.0  # that are held back
try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed (bench/requirements.txt)")
    sys.exit(0)
try:
    import lifetimes
except ImportError:
    lifetimes = None

subprocess.run(["make", "-s", "build/release/bench/clv"], cwd=ROOT, check=True)
folder = ROOT / "build" / "bench"
folder.mkdir(parents=True, exist_ok=True)


def cdnow(path):
    end = datetime.date(1997, 9, 30).toordinal()
    days = {}
    for line in open(path).read().splitlines()[1:]:
        who, date, _, money = line.split()
        day = datetime.date(int(date[:4]), int(date[4:6]), int(date[6:])).toordinal()
        days.setdefault(who, {}).setdefault(day, []).append(float(money))
    out = []
    for of in days.values():
        known, later = sorted(d for d in of if d <= end), sum(d > end for d in of)
        x = len(known) - 1
        m = sum(sum(of[d]) for d in known[1:]) / x if x else 0.0
        out.append((x, (known[-1] - known[0]) / 7, (end - known[0]) / 7, m, later))
    return np.array(out)


def drawn(rows, seed=1):
    """Customers of the story that BG/NBD tells, in whole days; money as Gamma-Gamma has it."""
    rng = np.random.default_rng(seed)
    rate, stop = rng.gamma(0.8, 1 / 6, rows), rng.beta(0.7, 2.5, rows)
    T = rng.integers(150, 273, rows) / 7
    out = np.zeros((rows, 5))
    out[:, 2] = T
    now, live = np.zeros(rows), np.arange(rows)
    while live.size:
        now[live] += np.ceil(7 * rng.exponential(1, live.size) / rate[live]) / 7
        live = live[now[live] <= T[live] + WEEKS]
        known = live[now[live] <= T[live]]
        out[known, 0] += 1
        out[known, 1] = now[known]
        out[live[now[live] > T[live]], 4] += 1
        live = live[rng.random(live.size) >= stop[live]]
    some = out[:, 0] > 0
    scale = 30 / rng.gamma(4, 1, rows)
    out[some, 3] = rng.gamma(6 * out[some, 0]) * scale[some] / out[some, 0]
    return out


def ours(table, model, threads):
    (folder / "clv.f64").write_bytes(np.ascontiguousarray(table.T).tobytes())
    words = [folder / "clv.f64", len(table), model, threads, WEEKS]
    out = subprocess.run([ROOT / "build" / "release" / "bench" / "clv", *map(str, words)],
                         capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def peer(table, model):
    x, t, T, m, later = table.T
    kind = {"bgnbd": lifetimes.BetaGeoFitter, "mbgnbd": lifetimes.ModifiedBetaGeoFitter,
            "paretonbd": lifetimes.ParetoNBDFitter, "gammagamma": lifetimes.GammaGammaFitter}
    some = (x > 0) & (m > 0)
    rounds, best = 1 if model == "paretonbd" else 3, (1e9, 1e9)
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        fit = kind[model]()
        fit.fit(*((x[some], m[some]) if model == "gammagamma" else (x, t, T)))
        best = min(best[0], time.perf_counter() - wall), min(best[1], time.process_time() - cpu)
    out = {"wall": best[0], "cpu": best[1], "parameters": [float(v) for v in fit.params_.values]}
    if model != "gammagamma":
        soon = np.asarray(fit.conditional_expected_number_of_purchases_up_to_time(WEEKS, x, t, T))
        first = np.argsort(-soon, kind="stable")[:len(x) // 10]
        out["capture"] = later[first].sum() / later.sum()
    return out


def show(name, threads, got, ratio=""):
    capture = f", first tenth {got['capture']:.4f}" if got.get("capture") else ""
    print(f"  {name:10} {threads} {got['wall'] * 1e3:10.1f} ({got['cpu'] * 1e3:.1f}) ms  "
          f"{' '.join('%.5g' % v for v in got['parameters'])}{capture}{ratio}", flush=True)


file = DATA / "retail" / "CDNOW_master.txt"
master = cdnow(file) if file.is_file() else drawn(23570)
print(f"{len(master)} histories of {'CDNOW' if file.is_file() else 'the drawn kind'}")
for model in ("bgnbd", "mbgnbd", "paretonbd", "gammagamma"):
    print(f"{model}: threads, milliseconds by the wall (processor), parameters")
    mine = ours(master, model, 1)
    show("atelier", 1, mine)
    show("atelier", 2, ours(master, model, 2))
    if not lifetimes:
        print("  no peer: lifetimes is not installed (bench/requirements.txt)")
        continue
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            other = peer(master, model)
        except Exception as why:  # it gives up on some data
            print(f"  lifetimes    gives up: {str(why).splitlines()[0][:80]}")
            continue
    show("lifetimes", 1, other, f"  {other['wall'] / mine['wall']:.1f} times as long")
many = drawn(ROWS)
print(f"{ROWS} drawn customers")
for model in ("bgnbd", "mbgnbd", "gammagamma"):
    for threads in (1, 2):
        show(model, threads, ours(many, model, threads))
