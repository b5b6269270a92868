"""tracking: a kept run is sent by `atelier track` and read back from the server.

    python3 tests/tracking.py PROGRAM FOLDER            a small server of our own, which also fails
    python3 tests/tracking.py PROGRAM FOLDER MLFLOW     a real one: MLFLOW is its program
"""
import hashlib, json, os, re, socket, subprocess, sys, threading, time, urllib.error, urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROGRAM, FOLDER = sys.argv[1:3]
RECORD = os.path.join(FOLDER, "out", "runs", "20261126-131254")
NAME = re.compile(r"^[A-Za-z0-9_./ -]{1,250}$")


class Store:
    """What a tracking server keeps, as far as the calls of one run go."""

    def __init__(self):
        self.experiments, self.runs, self.files, self.calls = {}, {}, {}, []
        self.fail_at = self.status = None  # the call that fails, and how often and with what
        self.times = 0

    def answer(self, method, path, query, body):
        if "/mlflow-artifacts/artifacts/" in path:
            self.files[path.split("/artifacts/", 1)[1]] = body
            return 200, {}
        name = path.split("/api/2.0/mlflow/")[1]
        q = json.loads(body) if body else {}
        return getattr(self, name.replace("/", "_").replace("-", "_"))(q, query)

    def experiments_get_by_name(self, q, query):
        name = query["experiment_name"][0]
        if name not in self.experiments:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such experiment"}
        return 200, {"experiment": {"experiment_id": self.experiments[name],
                                    "lifecycle_stage": "active"}}

    def experiments_create(self, q, query):
        self.experiments[q["name"]] = str(len(self.experiments) + 1)
        assert q["tags"] == [{"key": "mlflow.experimentKind", "value": "custom_model_development"}]
        return 200, {"experiment_id": self.experiments[q["name"]]}

    def runs_create(self, q, query):
        run = f"run{len(self.runs) + 1}"
        self.runs[run] = {"info": {"run_id": run, "status": "RUNNING", "start": q["start_time"],
                                   "artifact_uri": f"mlflow-artifacts:/1/{run}/artifacts"},
                          "data": {"metrics": [], "params": [], "tags": q["tags"]},
                          "inputs": {"dataset_inputs": []}}
        return 200, {"run": self.runs[run]}

    def runs_search(self, q, query):
        tag = re.fullmatch(r"tags\.`atelier\.record` = '([0-9a-f]{64})'", q["filter"])[1]
        return 200, {"runs": [r for r in self.runs.values()
                              if {"key": "atelier.record", "value": tag} in r["data"]["tags"]]}

    def runs_delete(self, q, query):
        del self.runs[q["run_id"]]
        return 200, {}

    def runs_log_batch(self, q, query):
        metrics, params = q.get("metrics", []), q.get("params", [])
        assert len(metrics) <= 1000 and len(params) <= 100
        for one in metrics + params:
            assert NAME.match(one["key"]), one
        for one in metrics:
            assert abs(one["value"]) < 1e308 and one["timestamp"] > 0
        for one in params:
            assert len(one["value"]) <= 6000
        data = self.runs[q["run_id"]]["data"]
        data["metrics"] += metrics
        data["params"] += params
        return 200, {}

    def runs_log_inputs(self, q, query):
        for one in q["datasets"]:
            assert len(one["dataset"]["digest"]) <= 36
        self.runs[q["run_id"]]["inputs"]["dataset_inputs"] += q["datasets"]
        return 200, {}

    def runs_update(self, q, query):
        self.runs[q["run_id"]]["info"].update(status=q["status"], end=q["end_time"])
        return 200, {}

    def runs_get(self, q, query):
        return 200, {"run": self.runs[query["run_id"][0]]}


def serve(store):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self):
            url = urllib.parse.urlparse(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            store.calls.append((self.command, url.path, self.headers.get("Authorization")))
            if store.fail_at and store.fail_at in url.path and store.times > 0:
                store.times -= 1
                status, answer = store.status, {"error_code": "INTERNAL_ERROR", "message": "down"}
            else:
                status, answer = store.answer(self.command, url.path,
                                              urllib.parse.parse_qs(url.query), body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do

        def log_message(self, *what):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def write_record():
    os.makedirs(RECORD, exist_ok=True)
    many = {f"metric_{i}": {"value": i + 0.5, "low": None, "high": i + 1.0} for i in range(600)}
    evaluation = {
        "recommend": {"title": "Recommendations", "verdict": "Better.", "models": [
            {"name": "ranker", "parameters": {"trees": 300, "weights": {"als": 1.5}},
             "metrics": {"map@12": {"value": 0.25, "low": 0.2, "high": 0.3}}},
            {"name": "many", "metrics": many}]},
        "segment": {"title": "Segments", "skipped": "too few customers"}}
    run = {"schema": "atelier.run_record/1", "id": "20261126-131254",
           "started": "2026-11-26T13:12:54Z", "seconds": 12.5, "shop": "shop", "seed": 1,
           "threads": 2, "build": "b" * 64, "published": True, "refused": None,
           "days": {"first": "2026-01-01", "end": "2026-11-01"},
           "steps": [{"step": "raw", "reused": False, "seconds": 1.25}],
           "datasets": [{"name": "d_sales.parquet", "rows": 7, "bytes": 9, "sha256": "ab" * 32}]}
    files = {"run.json": json.dumps(run), "evaluation.json": json.dumps(evaluation),
             "card_recommend.md": "# Recommendations\n", "pairs_recommend.atm": "not shown"}
    files["manifest.json"] = json.dumps({"files": [{"name": name} for name in files]})
    for name, text in files.items():
        with open(os.path.join(RECORD, name), "w", encoding="utf-8") as f:
            f.write(text)
    return hashlib.sha256(files["run.json"].encode()).hexdigest()


def track(url, *words, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    return subprocess.run([PROGRAM, "track", os.path.join(FOLDER, "out"), "--json", *words,
                           *(["--to", url] if url else [])], env={**clean, **env}, check=False,
                          capture_output=True, text=True)


def sent(url, *words, **env):
    r = track(url, *words, **env)
    assert r.returncode == 0, r.stderr
    return json.loads(r.stdout)["runs"][0]


def get(url, path):
    with urllib.request.urlopen(url + path, timeout=60) as answer:
        return answer.read()


def check_run(url, one, digest):
    """The run as the server gives it back."""
    run = json.loads(get(url, f"/api/2.0/mlflow/runs/get?run_id={one['run_id']}"))["run"]
    assert run["info"]["status"] == "FINISHED"
    metrics = {m["key"]: m["value"] for m in run["data"]["metrics"]}
    assert len(metrics) == len(run["data"]["metrics"]) == one["metrics"] == 1 + 3 + 2 * 600
    assert metrics["test/recommend/ranker/map_12"] == 0.25
    assert metrics["test/recommend/ranker/map_12/high"] == 0.3
    assert metrics["test/recommend/many/metric_599/high"] == 600
    assert metrics["stage/raw/seconds"] == 1.25
    params = {p["key"]: p["value"] for p in run["data"]["params"]}
    assert params["recommend/ranker/trees"] == "300" and params["seed"] == "1"
    assert json.loads(params["recommend/ranker/weights"]) == {"als": 1.5}
    assert params["days/end"] == "2026-11-01" and len(params) == one["parameters"] == 8
    tags = {t["key"]: t["value"] for t in run["data"]["tags"]}
    assert tags["atelier.record"] == digest and tags["atelier.published"] == "true"
    assert "Better." in tags["mlflow.note.content"]
    inputs = run["inputs"]["dataset_inputs"]
    assert len(inputs) == one["datasets"] == 1
    assert inputs[0]["dataset"]["name"] == "d_sales.parquet"
    assert inputs[0]["dataset"]["digest"] == "ab" * 16
    assert one["files"] == 3 and one["left_out"] == 0 and not one["already_there"]


def on_double(digest):
    store = Store()
    url = serve(store)
    one = sent(url)
    assert one["calls"] == len(store.calls) <= 40
    check_run(url, one, digest)
    assert sorted(os.path.basename(f) for f in store.files) == [
        "card_recommend.md", "evaluation.json", "run.json"]
    again = sent(url)  # a second call sends nothing
    assert again["already_there"] and again["run_id"] == one["run_id"] and len(store.runs) == 1

    for place in ("experiments/create", "runs/create", "log-batch", "log-inputs", "artifacts/1",
                  "runs/update"):
        store = Store()  # a server that fails half way: the next call begins anew
        url = serve(store)
        store.fail_at, store.status, store.times = place, 500, 1
        r = track(url)
        assert r.returncode == 1 and "500" in r.stderr, (place, r.stderr)
        check_run(url, sent(url), digest)
        assert len(store.runs) == 1

    store.runs.clear()  # asked to wait: tried again
    store.fail_at, store.status, store.times = "runs/create", 503, 2
    check_run(url, sent(url), digest)

    store.runs.clear()  # credentials
    check_run(url, sent(None, MLFLOW_TRACKING_URI=url + "/", MLFLOW_TRACKING_USERNAME="a",
                        MLFLOW_TRACKING_PASSWORD="b"), digest)
    assert store.calls[-2][2] == "Basic YTpi"
    sent(url, MLFLOW_TRACKING_TOKEN="secret")
    assert store.calls[-1][2] == "Bearer secret"

    r = track("http://127.0.0.1:1")
    assert r.returncode == 1 and "did not answer" in r.stderr, r.stderr
    assert track("127.0.0.1:1").returncode == 2
    assert track("http://a:b@127.0.0.1:1").returncode == 2
    assert track(None).returncode == 2


def on_real(digest, program):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = os.path.join(FOLDER, "server")
    os.makedirs(kept, exist_ok=True)
    server = subprocess.Popen(
        [program, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
         "--backend-store-uri", f"sqlite:///{kept}/db", "--artifacts-destination", kept],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}, cwd=kept,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                get(url, "/health")
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        one = sent(url, "--experiment", "a shop & its models")
        check_run(url, one, digest)
        listed = json.loads(get(url, f"/api/2.0/mlflow/artifacts/list?run_id={one['run_id']}"))
        assert sorted(f["path"] for f in listed["files"]) == [
            "card_recommend.md", "evaluation.json", "run.json"]
        again = sent(url, "--experiment", "a shop & its models")
        assert again["already_there"] and again["run_id"] == one["run_id"]
        if os.environ.get("TRACKING_LOOK"):  # a command that gets the address, for people
            subprocess.run([os.environ["TRACKING_LOOK"], url, one["run_id"]], check=False)
    finally:
        os.killpg(server.pid, 15)
        server.wait(60)


DIGEST = write_record()
if len(sys.argv) > 3:
    on_real(DIGEST, sys.argv[3])
else:
    on_double(DIGEST)
print("ok")
