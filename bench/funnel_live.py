"""funnel_live: POST /v1/funnel and GET /v1/paths of a real server over a log of 30 million events.

    FUNNEL_OUT=OUT bench/run.sh funnel_live       OUT is a finished run; its own log is replaced

A visitor has 20 events on average, to the second, so that some are of one time. Every spec is asked
once, after two others that warm the pages: no answer was there before. Printed are the server's own
times and its processor time a request (all threads), beside the load of the machine.
"""
import hashlib
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
except ImportError:
    sys.exit("numpy is missing (bench/requirements.txt)")

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
import widen  # noqa: E402

NAMES = ["view", "click", "cart_add", "purchase", "search", "wishlist"]
SHARES = [0.46, 0.2, 0.12, 0.06, 0.1, 0.06]
WORDS = {"event": NAMES, "category": [f"category {i}" for i in range(12)],
         "channel": ["direct", "email", "paid", "social"], "platform": ["app", "desktop", "mobile"]}
SECOND = 1_000_000
KINDS = ["plain", "by channel", "trend by day", "strict order", "any order", "gaps", "optional",
         "excluded", "attempts", "sessions", "curve"]


def texts(arrays, name, words):
    raw = [w.encode() for w in words]
    at = np.cumsum([0] + [len(w) for w in raw])
    arrays[f"{name}.at"] = at.astype("<i8").reshape(-1, 1)
    arrays[f"{name}.bytes"] = np.frombuffer(b"".join(raw), "u1").reshape(-1, 1)


def make_log(n):
    """Arrays of events.atm (src/pipeline/events_file.h)."""
    rng = np.random.default_rng(8)
    at = np.concatenate([[0], np.cumsum(rng.geometric(0.05, n // 20))])
    n, first = int(at[-1]), np.zeros(int(at[-1]), bool)
    first[at[:-1]] = True
    gap = np.where(rng.random(n) < 0.85, rng.exponential(60, n), rng.exponential(100_000, n))
    gap[first] = 0
    seconds = np.cumsum(gap)
    begins = rng.uniform(0, 300 * 86400, len(at) - 1) + 1.7e9
    own = np.repeat(begins - seconds[at[:-1]], np.diff(at))
    seconds = (seconds + own).astype("<i8")
    cut = first.copy()
    cut[1:] |= seconds[1:] - seconds[:-1] > 1800
    sessions = np.flatnonzero(cut)
    whose = np.searchsorted(at, sessions, "right") - 1
    arrays = {"session.visitor": whose.astype("<i4").reshape(-1, 1)}
    codes = {w: rng.integers(0, len(v), n).astype("u1") for w, v in WORDS.items()}
    codes["event"] = rng.choice(len(NAMES), n, p=SHARES).astype("u1")
    for unit, rows in (("visitor", at), ("session", np.append(sessions, n))):
        arrays[f"{unit}.at"] = rows.astype("<i8").reshape(-1, 1)
        arrays[f"{unit}.time"] = (seconds * SECOND).reshape(-1, 1)
        for word, names in WORDS.items():
            arrays[f"{unit}.{word}"] = codes[word].reshape(-1, 1)
            texts(arrays, f"{unit}.{word}", names)
    return arrays, n


def make_bundle(out, to, n):
    serve = f"{to}/10_serve"
    os.makedirs(serve)
    manifest = json.load(open(f"{out}/10_serve/manifest.json"))
    for f in manifest["files"]:
        if f["name"] != "events.atm":
            os.symlink(os.path.abspath(f"{out}/10_serve/{f['name']}"), f"{serve}/{f['name']}")
    arrays, n = make_log(n)
    widen.write(f"{serve}/events.atm", b"events".ljust(16, b"\0"), arrays)
    with open(f"{serve}/events.atm", "rb") as f:
        sha = hashlib.file_digest(f, "sha256").hexdigest()
    files = [f for f in manifest["files"] if f["name"] != "events.atm"]
    files.append({"name": "events.atm", "bytes": os.path.getsize(f"{serve}/events.atm"),
                  "sha256": sha})
    manifest["files"] = sorted(files, key=lambda f: f["name"])
    json.dump(manifest, open(f"{serve}/manifest.json", "w"), indent=2)
    return n


def spec_of(kind, r):
    """A spec that is hardly ever drawn twice: its window is any number of minutes."""
    steps = r.sample(NAMES, r.randint(2, 5))
    spec = {"steps": steps, "window": f"{r.randint(60, 60 * 24 * 30)}m"}
    if kind == "by channel":
        spec["by"] = "channel"
    elif kind == "trend by day":
        spec["trend"] = "day"
    elif kind in ("strict order", "any order"):
        spec["order"] = kind.split()[0]
    elif kind == "gaps":
        spec["gaps"] = [f"{r.randint(5, 3000)}m" for _ in steps[1:]]
    elif kind == "optional":
        spec["steps"] = steps = r.sample(NAMES, r.randint(3, 5))
        spec["optional"] = [steps[1]]
    elif kind == "excluded":
        other = r.choice([n for n in NAMES if n not in steps])
        spec["exclude"] = [f"{other}:1-2"]
    elif kind == "attempts":
        spec["count"] = "attempts"
    elif kind == "sessions":
        spec["unit"] = "session"
    elif kind == "curve":
        spec["curve"] = 1
    return spec


def processor(pid):
    parts = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return 1000 * (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def ask(line, method, path, body=None):
    start = time.perf_counter()
    line.request(method, path, json.dumps(body) if body else None)
    answer = line.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(f"{path} {body}: {answer.status} {text[:300]}")
    return json.loads(text)["took_us"] / 1000, 1000 * (time.perf_counter() - start)


def say(kind, line, pid, asked):
    before, took = processor(pid), [ask(line, *a) for a in asked]
    spent = (processor(pid) - before) / len(took)
    server, wall = sorted(t[0] for t in took), sorted(t[1] for t in took)
    p = [server[min(len(server) - 1, len(server) * q // 100)] for q in (50, 95, 99)]
    print(f"{kind:16s} {len(took):4d} asked  p50 {p[0]:6.0f}  p95 {p[1]:6.0f}  p99 {p[2]:6.0f} ms  "
          f"client p95 {wall[len(wall) * 95 // 100]:6.0f} ms  processor {spent:6.0f} ms", flush=True)


def main():
    out, asks = os.environ.get("FUNNEL_OUT", "atelier-out"), int(os.environ.get("ASKS", "40"))
    if not os.path.exists(f"{out}/10_serve/manifest.json"):
        print(f"no run in {out}; FUNNEL_OUT says where one is")
        return
    r = random.Random(3)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "build")) as to:
        n = make_bundle(out, to, int(float(os.environ.get("FUNNEL_MILLIONS", "30")) * 1e6))
        server = subprocess.Popen(["build/atelier", "serve", to, "--port", "0", "--json"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = json.loads(server.stdout.readline())["url"]
            line = http.client.HTTPConnection(url.split("//")[1].strip("/"))
            for unit in ("visitor", "session"):
                ask(line, "POST", "/v1/funnel", {"unit": unit, "by": "channel", "trend": "day"})
            print(f"{n / 1e6:.1f} million events, load {os.getloadavg()[0]:.1f}")
            for kind in KINDS:
                say(kind, line, server.pid,
                    [("POST", "/v1/funnel", spec_of(kind, r)) for _ in range(asks)])
            say("paths", line, server.pid,
                [("GET", f"/v1/paths?depth={r.randint(3, 8)}&anchor={r.choice(NAMES)}"
                  f"&goal={r.choice(NAMES)}") for _ in range(asks // 4)])
            print(f"load {os.getloadavg()[0]:.1f}")
        finally:
            server.terminate()
            server.wait()


main()
