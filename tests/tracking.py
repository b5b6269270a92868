"""tracking: runs are told to an MLflow server, kept ones and one that goes on, and read back.

    python3 tests/tracking.py PROGRAM FOLDER            a small server of our own, which also fails
    python3 tests/tracking.py PROGRAM FOLDER MLFLOW     a real one: MLFLOW is its program
    python3 tests/tracking.py PROGRAM FOLDER MLFLOW all     with a whole run of the demo shop
"""
import glob, hashlib, json, os, signal, socket, subprocess, sys, time, urllib.error
import urllib.parse, urllib.request

from tracking_store import Store, serve, tag

PROGRAM, FOLDER = sys.argv[1:3]
OUT, SHOP = os.path.join(FOLDER, "out"), os.path.join(FOLDER, "shop")
RECORD = os.path.join(OUT, "runs", "20261126-131254")
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return hashlib.sha256(text.encode()).hexdigest()


def write_record():
    """A record with the bundle that it published, as run_record_write leaves them."""
    many = {f"metric_{i}": {"value": i + 0.5, "low": None, "high": i + 1.0} for i in range(600)}
    evaluation = {
        "recommend": {"title": "Recommendations", "verdict": "Better.",
                      "paired": {"model": "ranker", "metric": "map@12"},
                      "weeks": [{"week": 1, "map": 0.5}, {"week": 2, "map": 0.25}],
                      "learning": [{"model": "als", "by": "sweeps", "at": i, "metric": "map_at_12",
                                    "value": 0.25 + 0.25 * i} for i in (1, 2)], "models": [
            {"name": "ranker", "parameters": {"trees": 300, "weights": {"als": 1.5},
                                              "long": "x" * 7000},
             "metrics": {"map@12": {"value": 0.25, "low": 0.2, "high": 0.3},
                         "/odd//../name": {"value": 0.5}}},
            {"name": "many", "metrics": many}]},
        "segment": {"title": "Segments", "skipped": "too few customers"}}
    trials = [{"model": "als", "parameters": {"alpha": i}, "map_at_12": i / 8, "taken": False,
               "rungs": [0.5, 0.25]} for i in range(3)]
    tune = {"recommend": {"title": "Recommendations", "best": {"alpha": 2}, "trials": trials},
            "segment": {"trials": [{"parameters": {"k": i}, "dbcv": 0.5} for i in range(92)]}}
    bundle = write(os.path.join(OUT, "10_serve", "manifest.json"), '{"files": []}')
    steps = [{"step": "raw", "reused": False, "seconds": 1.25, "ended": 1.5, "rows": 70,
              "peak_mb": 12.5},
             {"step": "tune", "reused": False, "seconds": 2, "ended": 4},
             {"step": "serve", "reused": False, "seconds": 2, "ended": 6, "manifest": bundle}]
    run = {"schema": "atelier.run_record/1", "id": "20261126-131254",
           "started": "2026-11-26T13:12:54Z", "seconds": 12.5, "shop": "a ${shop}", "seed": 1,
           "threads": 2, "build": "b" * 64, "published": True, "refused": None,
           "days": {"first": "2026-01-01", "end": "2026-11-01"}, "steps": steps,
           "datasets": [{"name": "d_sales.parquet", "rows": 7, "bytes": 9, "sha256": "ab" * 32,
                         "columns": {"day": "DATE", "units": "BIGINT"}}]}
    train = {"recommend": {"models": [{"name": "als", "curves": [
        {"iteration": i + 1, "loss": 8 / 2 ** i, "map_at_12": i / 8} for i in range(3)]}]}}
    files = {"run.json": json.dumps(run), "train.json": json.dumps(train), "evaluation.json": json.dumps(evaluation),
             "tune.json": json.dumps(tune), "card_recommend.md": "# Recommendations\n",
             "pairs_recommend.atm": "not shown"}
    sums = [{"name": k, "sha256": write(os.path.join(RECORD, k), v)} for k, v in files.items()]
    write(os.path.join(RECORD, "manifest.json"), json.dumps({"files": sums}))
    return sums[0]["sha256"]


def atelier(*words, **env):
    return subprocess.run([PROGRAM, *words], env={**CLEAN, **env}, check=False,
                          capture_output=True, text=True)


def track(url, *words, **env):
    return atelier("track", OUT, "--json", *words, *(["--to", url] if url else []), **env)


def sent(url, *words, **env):
    r = track(url, *words, **env)
    assert r.returncode == 0, r.stderr
    return json.loads(r.stdout)["runs"][0]


def forget():
    """As if nothing had been sent from here."""
    for path in glob.glob(os.path.join(OUT, ".track", "*")):
        os.remove(path)


def get(url, path):
    with urllib.request.urlopen(url + path, timeout=60) as answer:
        return json.loads(answer.read() or "{}")


def post(url, name, body):
    asked = urllib.request.Request(f"{url}/api/2.0/mlflow/{name}", json.dumps(body).encode(),
                                   {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.loads(answer.read())


def run_of(url, run):
    return get(url, f"/api/2.0/mlflow/runs/get?run_id={run}")["run"]


def children(url, experiments, parent):
    return post(url, "runs/search", {"experiment_ids": experiments, "max_results": 1000,
                                     "filter": f"tags.`mlflow.parentRunId` = '{parent}'"})["runs"]


def experiment(url, name):
    name = urllib.parse.quote(name, safe="")
    found = get(url, f"/api/2.0/mlflow/experiments/get-by-name?experiment_name={name}")
    return found["experiment"]["experiment_id"]


def check_record(url, one, digest, name="atelier"):
    """The record as the server gives it back."""
    run = run_of(url, one["run_id"])
    x = run["info"]["experiment_id"]
    assert run["info"]["status"] == "FINISHED" and x == experiment(url, name)
    metrics = {m["key"]: m for m in run["data"]["metrics"]}
    assert metrics["recommend/map_12"]["value"] == 0.25
    assert metrics["stage/raw/seconds"]["value"] == 1.25
    assert metrics["step/rows"]["value"] == 70 and int(metrics["step/rows"]["step"]) == 1
    assert int(metrics["step/seconds"]["timestamp"]) == 1795698774000 + 6000
    params = {p["key"]: p["value"] for p in run["data"]["params"]}
    assert params["days/end"] == "2026-11-01" and params["seed"] == "1"
    assert params["shop"] == "a ${shop}"
    tags = {t["key"]: t["value"] for t in run["data"]["tags"]}
    assert tags["atelier.record"] == digest and tags["atelier.published"] == "true"
    assert "Better." in tags["mlflow.note.content"]
    inputs = run["inputs"]["dataset_inputs"]
    assert len(inputs) == 1 and inputs[0]["tags"][0]["value"] == "training"
    assert inputs[0]["dataset"]["name"] == "d_sales.parquet"
    assert inputs[0]["dataset"]["digest"] == "ab" * 16
    assert json.loads(inputs[0]["dataset"]["schema"])["mlflow_colspec"][1]["type"] == "long"
    assert json.loads(inputs[0]["dataset"]["profile"])["num_rows"] == 7
    below = {r["info"]["run_name"]: r for r in children(url, [x], one["run_id"])}
    assert sorted(below) == ["recommend", "segment"], below
    assert all(r["info"]["status"] == "FINISHED" for r in below.values())
    family = below["recommend"]
    data = run_of(url, family["info"]["run_id"])["data"]
    figures = {m["key"]: m["value"] for m in data["metrics"]}
    assert figures["test/ranker/map_12/high"] == 0.3 and figures["test/many/metric_599/high"] == 600
    assert figures["weeks/map"] == 0.25  # the second week's
    assert figures["test/ranker/_odd/_._/name"] == 0.5, [k for k in figures if "odd" in k]
    for key, values in (("train/als/loss", [8, 4, 2]), ("train/als/map_at_12", [0, 0.125, 0.25]),
                        ("learning/als/sweeps/map_at_12", [0.5, 0.75])):
        history = get(url, "/api/2.0/mlflow/metrics/get-history?max_results=1000&run_id="
                           f"{family['info']['run_id']}&metric_key={urllib.parse.quote(key)}")
        points = sorted((int(m["step"]), m["value"]) for m in history["metrics"])
        assert points == [(i + 1, x) for i, x in enumerate(values)], (key, points)
    chosen = {p["key"]: p["value"] for p in data["params"]}
    assert chosen["ranker/trees"] == "300" and json.loads(chosen["ranker/weights"]) == {"als": 1.5}
    assert len(chosen["ranker/long"]) <= 6000 and chosen["best/alpha"] == "2"
    trials = children(url, [x], family["info"]["run_id"])
    assert len(trials) == 3
    assert {p["value"] for r in trials for p in r["data"]["params"]} == {"0", "1", "2"}
    wide = post(url, "runs/search", {"experiment_ids": [experiment(url, f"{name}/tuning")],
                                     "max_results": 1000})["runs"]
    assert len(wide) == 92 and all(r["info"]["status"] == "FINISHED" for r in wide)
    assert one["files"] == 7 and one["left_out"] == 0 and not one["already_there"]


# ---- a server of our own ----

def exactly_once(digest):
    """Each call once refused for now, and once done with its answer lost: the same in the end."""
    store = Store()
    server, url = serve(store)
    one = sent(url)
    check_record(url, one, digest)
    wanted = store.about()
    assert store.aliases == {"champion": "1"} and len(store.versions) == 1
    assert store.models["m-1"]["info"]["status"] == "LOGGED_MODEL_READY"
    assert store.runs[one["run_id"]]["outputs"] == [{"model_id": "m-1", "step": 0}]
    assert len(set(wanted[0])) == len(wanted[0])
    calls = len(store.calls)
    again = sent(url)  # a second call sends nothing
    assert again["already_there"] and again["run_id"] == one["run_id"]
    assert len(store.calls) == calls + 2
    server.shutdown()
    places = ("experiments/create", "runs/create", "log-batch", "log-inputs", "artifacts/1",
              "logged-models", "outputs", "registered-models/create", "model-versions/create",
              "alias", "runs/update")
    for how in (503, 500, "lost"):
        store = Store()
        server, url = serve(store)
        forget()
        left = list(places) if how != 503 else ["runs/create", "log-batch"]
        answer = store.answer

        def each(method, path, query, body):
            result = answer(method, path, query, body)
            while left and store.times == 0 and "search" not in path:
                store.place, store.times = left.pop(0), 1
            return result

        store.answer, store.how = each, how
        check_record(url, sent(url), digest)
        assert not left and store.about() == wanted, how
        server.shutdown()


def stops_and_goes_on(digest):
    store = Store()
    server, url = serve(store)
    forget()
    store.place, store.how, store.times = "log-inputs", 500, 99  # fails for good
    r = track(url, "--seconds", "1")
    assert r.returncode == 1 and "500" in r.stderr, r.stderr
    store.times = 0
    r = atelier("sync", OUT, "--json")  # goes on where it stopped
    assert r.returncode == 0 and json.loads(r.stdout)["spools"][0]["run_id"] in store.runs, r.stderr
    one = sent(url)
    assert one["already_there"]
    assert json.loads(atelier("sync", OUT, "--json").stdout)["spools"] == []

    forget()  # a run that was begun and whose spool is gone is made anew
    for run in store.runs.values():
        run["info"]["status"] = "RUNNING"
    assert sent(url)["run_id"] != one["run_id"] and one["run_id"] not in store.runs
    assert len([r for r in store.runs.values() if r["info"]["run_name"] == "recommend"]) == 1

    for status, said in ((401, "401"), (403, "--allowed-hosts")):
        store.__init__()
        forget()
        store.place, store.how, store.times = "experiments", status, 99
        r = track(url)
        assert r.returncode == 1 and said in r.stderr, r.stderr
    store.__init__()
    forget()
    check_record(url, sent(None, MLFLOW_TRACKING_URI=url + "/", MLFLOW_TRACKING_USERNAME="a",
                           MLFLOW_TRACKING_PASSWORD="b"), digest)
    assert store.calls[2][2] == "Basic YTpi"
    sent(url, MLFLOW_TRACKING_TOKEN="secret")
    assert store.calls[-1][2] == "Bearer secret"
    for path in glob.glob(os.path.join(OUT, ".track", "*")):
        with open(path, encoding="utf-8") as f:
            assert "secret" not in f.read()
    server.shutdown()
    forget()
    r = track("http://127.0.0.1:1", "--seconds", "1")
    assert r.returncode == 1 and "did not answer" in r.stderr, r.stderr
    assert track("127.0.0.1:1").returncode == 2
    assert track("http://a:b@127.0.0.1:1").returncode == 2
    assert track(None).returncode == 2
    assert atelier("sync", os.path.join(FOLDER, "none")).returncode == 2


def spool_points(path):
    """What the file says was to be sent, by run: (handle, key, step, time, value)."""
    with open(path, encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    return sorted((line["handle"], m["key"], m["step"], m["timestamp"], m["value"])
                  for line in lines if "body" in line for m in line["body"].get("metrics", []))


def only_spool(out):
    found = glob.glob(os.path.join(out, ".track", "*.jsonl"))
    assert len(found) == 1, found
    return found[0]


def live(digest):
    """A run that goes on, of a server that is there, away and away for a while."""
    del digest
    store = Store()
    server, url = serve(store)
    out = os.path.join(FOLDER, "live")
    assert atelier("demo", SHOP, "--size", "small", "--force").returncode == 0
    r = atelier("run", SHOP, "--out", out, "--to", "raw", "--track", url, "--experiment", "e")
    assert r.returncode == 0 and "tracked as run run1" in r.stderr, r.stderr
    run = store.runs["run1"]
    assert run["info"]["status"] == "FINISHED"
    points = [(handle[:3], *rest) for handle, *rest in spool_points(only_spool(out))]
    assert [("run", *p[1:]) for p in store.points()] == points
    keys = {p[1] for p in store.points()}
    assert {"step/seconds", "stage/raw/seconds", "step/peak_memory_megabytes",
            "system/process_memory_megabytes"} <= keys, keys
    assert tag(run["data"]["tags"], "mlflow.parentRunId") is None
    r = atelier("run", SHOP, "--out", out, "--to", "raw", "--track", url)
    assert r.returncode == 0 and len(store.runs) == 1  # nothing new: no run
    other = {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}  # meant for other programs
    r = atelier("run", SHOP, "--out", out, "--to", "raw", **other)
    assert r.returncode == 0 and "not tracked" in r.stderr, r.stderr
    assert atelier("run", SHOP, "--out", out, "--track", "sqlite:///mlflow.db").returncode == 2

    server.shutdown()
    server.server_close()  # away: the run ends as it would have ended, and sync brings it there
    r = atelier("run", SHOP, "--out", out, "--to", "raw", "--seed", "2", "--track", url)
    assert r.returncode == 0 and "sync" in r.stderr, r.stderr
    server, url = serve(store, int(url.rsplit(":", 1)[1]))
    r = atelier("sync", out)
    last = list(store.runs.values())[-1]
    assert r.returncode == 0 and last["info"]["status"] == "FINISHED", r.stderr
    assert len(store.points()) == len(set(store.points())) > len(points)

    for number, status in ((signal.SIGTERM, "KILLED"), (signal.SIGKILL, "KILLED")):
        child = subprocess.Popen([PROGRAM, "run", SHOP, "--out", out, "--seed", str(int(number)),
                                  "--to", "clean", "--track", url], env=CLEAN,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not child.stderr.readline().startswith("01"):
            pass
        child.send_signal(number)
        child.communicate(timeout=60)
        assert child.returncode == -number, child.returncode
        if number == signal.SIGKILL:
            assert atelier("sync", out).returncode == 0
        last = list(store.runs.values())[-1]
        assert last["info"]["status"] == status, (number, last["info"])
    server.shutdown()


# ---- a real one ----

class Real:
    def __init__(self, program, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.program, self.kept = os.path.abspath(program), os.path.abspath(folder)
        os.makedirs(self.kept, exist_ok=True)
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        self.child = subprocess.Popen(
            [self.program, "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers",
             "1", "--backend-store-uri", f"sqlite:///{self.kept}/db", "--artifacts-destination",
             self.kept], env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            cwd=self.kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

    def wait(self):
        for _ in range(600):
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=60):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)

    def stop(self, number=signal.SIGKILL):
        os.killpg(self.child.pid, number)
        self.child.wait(60)


def read_back(url, path):
    """Every point of every run that the spool tells of, from the server."""
    handles, points = {}, []
    with open(path, encoding="utf-8") as f:
        for line in map(json.loads, f):
            handles.update(line.get("learned", {}))
    for handle, run in handles.items():
        if not handle.startswith(("run", "trial.")) or "/" in handle:
            continue
        for key in {m["key"] for m in run_of(url, run)["data"].get("metrics", [])}:
            name, token = urllib.parse.quote(key, safe=""), ""
            while token is not None:
                page = get(url, f"/api/2.0/mlflow/metrics/get-history?run_id={run}"
                                f"&metric_key={name}&max_results=5000{token}")
                points += [(handle, key, int(m.get("step", 0)), int(m["timestamp"]), m["value"])
                           for m in page.get("metrics", [])]
                token = page.get("next_page_token")
                token = f"&page_token={urllib.parse.quote(token, safe='')}" if token else None
    return sorted(points), handles


def outage(server, last, away, back):
    """The server is killed while a run goes on and comes back; nothing is lost, nothing doubled."""
    out = os.path.join(FOLDER, "outage")
    if not os.path.exists(SHOP):
        assert atelier("demo", SHOP, "--size", "small", "--force").returncode == 0
    child = subprocess.Popen([PROGRAM, "run", SHOP, "--out", out, "--to", last, "--track",
                              server.url], env=CLEAN, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    for line in child.stderr:
        if line.startswith(away + " "):
            server.stop()
        if line.startswith(back + " "):
            server.start()
    assert child.wait(600) == 0
    server.wait()
    r = atelier("sync", out, "--json")
    assert r.returncode == 0, r.stderr
    path = only_spool(out)
    points, handles = read_back(server.url, path)
    wanted = spool_points(path)
    assert points == wanted, (len(points), len(wanted))
    run = run_of(server.url, handles["run"])
    assert run["info"]["status"] == "FINISHED"
    runs = [h for h in handles if h.startswith(("run", "trial.")) and "/" not in h]
    print(f"{len(points)} points of {len(runs)} runs read back", file=sys.stderr)
    return handles


def on_real(digest, program, whole):
    server = Real(program, os.path.join(FOLDER, "server"))
    server.start()
    try:
        server.wait()
        url, name = server.url, "a shop & its models"
        one = sent(url, "--experiment", name, "--seconds", "60")
        check_record(url, one, digest, name)
        listed = get(url, f"/api/2.0/mlflow/artifacts/list?run_id={one['run_id']}")
        assert sorted(f["path"] for f in listed["files"]) == [
            "card_recommend.md", "evaluation.json", "run.json", "train.json", "tune.json"]
        again = sent(url, "--experiment", name)
        assert again["already_there"] and again["run_id"] == one["run_id"]
        found = get(url, "/api/2.0/mlflow/registered-models/alias?alias=champion&name="
                         + urllib.parse.quote(name))["model_version"]
        assert found["version"] == "1" and found["run_id"] == one["run_id"]
        assert found["status"] == "READY", found
        model = run_of(url, one["run_id"])["outputs"]["model_outputs"][0]["model_id"]
        model = get(url, f"/api/2.0/mlflow/logged-models/{model}")["model"]["info"]
        assert model["status"] == "LOGGED_MODEL_READY", model
        steps = ("serve", "05", "07") if whole else ("features", "02", "03")
        handles = outage(server, *steps)
        if os.environ.get("TRACKING_LOOK"):  # a command that gets address and run, for people
            subprocess.run([os.environ["TRACKING_LOOK"], url, handles["run"]], check=False)
    finally:
        server.stop(signal.SIGTERM)


DIGEST = write_record()
if len(sys.argv) > 3:
    on_real(DIGEST, sys.argv[3], sys.argv[4:] == ["all"])
else:
    for part in (exactly_once, stops_and_goes_on, live):
        part(DIGEST)
print("ok")
