"""tracking_store: what an MLflow server keeps, as far as the calls of Atelier go, with its limits."""
import json, re, threading, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = re.compile(r"^[A-Za-z0-9_./ -]{1,250}$")
MISSING = 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such thing"}
EXISTS = 400, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": "there already"}


def tag(of, key):
    return next((t["value"] for t in of if t["key"] == key), None)


class Store:
    def __init__(self):
        self.experiments, self.runs, self.models, self.files, self.calls = {}, {}, {}, {}, []
        self.registered, self.versions, self.aliases = set(), [], {}
        self.place = self.how = None  # the call that goes wrong, and a status or "lost"
        self.times = self.made = 0

    def answer(self, method, path, query, body):
        if "/mlflow-artifacts/artifacts/" in path:
            assert method == "PUT" and ".." not in path
            self.files[urllib.parse.unquote(path.split("/artifacts/", 1)[1])] = body
            return 200, {}
        name = path.split("/api/2.0/mlflow/")[1]
        q = json.loads(body) if body else {}
        assert len(body) <= 1_000_000
        if name.startswith("logged-models/m-"):
            assert method == "PATCH" and q["status"] == "LOGGED_MODEL_READY"
            self.models[name.split("/")[1]]["info"]["status"] = q["status"]
            return 200, {}
        return getattr(self, name.replace("/", "_").replace("-", "_"))(q, query)

    def experiments_get_by_name(self, q, query):
        name = query["experiment_name"][0]
        if name not in self.experiments:
            return MISSING
        return 200, {"experiment": {"experiment_id": self.experiments[name],
                                    "lifecycle_stage": "active"}}

    def experiments_create(self, q, query):
        if q["name"] in self.experiments:
            return EXISTS
        self.experiments[q["name"]] = str(len(self.experiments) + 1)
        assert q["tags"] == [{"key": "mlflow.experimentKind", "value": "custom_model_development"}]
        return 200, {"experiment_id": self.experiments[q["name"]]}

    def runs_create(self, q, query):
        self.made += 1
        run = f"run{self.made}"
        assert q["experiment_id"] in self.experiments.values() and q["start_time"] > 0
        assert tag(q["tags"], "mlflow.parentRunId") in [None, *self.runs]
        self.runs[run] = {"info": {"run_id": run, "status": "RUNNING", "run_name": q["run_name"],
                                   "experiment_id": q["experiment_id"],
                                   "artifact_uri": f"mlflow-artifacts:/1/{run}/artifacts"},
                          "data": {"metrics": [], "params": [], "tags": q["tags"]}, "outputs": [],
                          "inputs": {"dataset_inputs": []}}
        return 200, {"run": self.runs[run]}

    def runs_search(self, q, query):
        found = [r for r in self.runs.values() if r["info"]["experiment_id"] in q["experiment_ids"]]
        if "filter" in q:
            key, value = re.fullmatch(r"tags\.`([\w.]+)` = '([^']+)'", q["filter"]).groups()
            found = [r for r in found if tag(r["data"]["tags"], key) == value]
        return 200, {"runs": found}

    def runs_delete(self, q, query):
        del self.runs[q["run_id"]]
        return 200, {}

    def runs_log_batch(self, q, query):
        metrics, params, tags = (q.get(k, []) for k in ("metrics", "params", "tags"))
        assert len(metrics) + len(params) + len(tags) <= 1000
        assert len(params) <= 100 and len(tags) <= 100
        for one in metrics + params + tags:
            assert NAME.match(one["key"]), one
        for one in metrics:
            assert abs(one["value"]) < 1e308 and one["timestamp"] > 0 and one["step"] >= 0
        assert all(len(one["value"]) <= 6000 for one in params)
        assert len({one["key"] for one in params}) == len(params)
        data = self.runs[q["run_id"]]["data"]
        had = {p["key"]: p["value"] for p in data["params"]}
        assert all(had.get(p["key"], p["value"]) == p["value"] for p in params)  # written once
        data["metrics"] += metrics
        data["params"] += [p for p in params if p["key"] not in had]
        data["tags"] = [t for t in data["tags"] if tag(tags, t["key"]) is None] + tags
        return 200, {}

    def runs_log_inputs(self, q, query):
        there = self.runs[q["run_id"]]["inputs"]["dataset_inputs"]
        for one in q["datasets"]:
            assert len(one["dataset"]["digest"]) <= 36
            json.loads(one["dataset"]["source"])
            if one not in there:
                there.append(one)
        return 200, {}

    def runs_outputs(self, q, query):
        self.runs[q["run_id"]]["outputs"] = q["models"]
        return 200, {}

    def runs_update(self, q, query):
        self.runs[q["run_id"]]["info"].update(status=q["status"], end=q["end_time"])
        return 200, {}

    def runs_get(self, q, query):
        run = self.runs[query["run_id"][0]]
        latest = {}
        for m in run["data"]["metrics"]:
            if m["key"] not in latest or m["step"] >= latest[m["key"]]["step"]:
                latest[m["key"]] = m
        return 200, {"run": {**run, "data": {**run["data"], "metrics": list(latest.values())}}}

    def metrics_get_history(self, q, query):
        key, at = query["metric_key"][0], int(query.get("page_token", ["0"])[0])
        all_of = [m for m in self.runs[query["run_id"][0]]["data"]["metrics"] if m["key"] == key]
        page = {"metrics": all_of[at:at + 3]}  # pages are small so that they are turned
        return 200, page if len(all_of) <= at + 3 else {**page, "next_page_token": str(at + 3)}

    def logged_models(self, q, query):
        model = f"m-{len(self.models) + 1}"
        assert q["source_run_id"] in self.runs
        self.models[model] = {"info": {"model_id": model, "tags": q["tags"], "status": "PENDING",
                                       "artifact_uri": f"mlflow-artifacts:/1/models/{model}"}}
        return 200, {"model": self.models[model]}

    def logged_models_search(self, q, query):
        return 200, {"models": list(self.models.values())}

    def registered_models_create(self, q, query):
        if q["name"] in self.registered:
            return EXISTS
        self.registered.add(q["name"])
        return 200, {"registered_model": {"name": q["name"]}}

    def model_versions_create(self, q, query):
        assert q["name"] in self.registered and q["model_id"] in self.models
        assert q["source"] == self.models[q["model_id"]]["info"]["artifact_uri"]
        self.versions.append({**q, "version": str(len(self.versions) + 1)})
        return 200, {"model_version": self.versions[-1]}

    def model_versions_search(self, q, query):
        name = re.fullmatch("name='(.*)'", query["filter"][0])[1]
        return 200, {"model_versions": [v for v in self.versions if v["name"] == name]}

    def registered_models_alias(self, q, query):
        assert q["version"] in [v["version"] for v in self.versions]
        self.aliases[q["alias"]] = q["version"]
        return 200, {}

    def points(self):
        """Every point of every run, as (name of the run, key, step, time, value)."""
        return sorted((r["info"]["run_name"], m["key"], m["step"], m["timestamp"], m["value"])
                      for r in self.runs.values() for m in r["data"]["metrics"])

    def about(self):
        """All that is kept, without what differs between two ways to the same end."""
        return (self.points(), sorted(self.files), len(self.models), len(self.versions),
                sorted((r["info"]["run_name"], r["info"]["status"], len(r["data"]["params"]),
                        len(r["inputs"]["dataset_inputs"])) for r in self.runs.values()))


def serve(store, port=0):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one segment an answer

        def do(self):
            url = urllib.parse.urlparse(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            store.calls.append((self.command, url.path, self.headers.get("Authorization")))
            wrong = store.place and store.place in url.path and store.times > 0
            store.times -= bool(wrong)
            if wrong and store.how != "lost":
                status, answer = store.how, {"error_code": "INTERNAL_ERROR", "message": "down"}
            else:
                status, answer = store.answer(self.command, url.path,
                                              urllib.parse.parse_qs(url.query), body)
            if wrong and store.how == "lost":  # done, and the answer never arrives
                self.close_connection = True
                return
            said = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_PATCH = do

        def log_message(self, *what):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"
