"""common: one shop, its undisturbed results, and runs of the program under a fault."""
import hashlib, json, os, shutil, subprocess, tempfile

STEPS = ["raw", "clean", "datasets", "features", "eda", "train", "tune", "evaluate", "insight",
         "serve"]
FOLDERS = [f"{i + 1:02d}_{word}" for i, word in enumerate(STEPS)]
HERE = os.path.dirname(os.path.abspath(__file__))


class Bench:
    """The program, the shop, its results of a run that nothing disturbed, and a place to work."""

    def __init__(self, program, shop, results, where, rows=()):
        self.rows = rows
        self.program, self.shop, self.results = map(os.path.abspath, (program, shop, results))
        self.where = os.path.abspath(where)
        os.makedirs(self.where, exist_ok=True)
        self.library = os.path.join(self.where, "faults.so")
        subprocess.run([*os.environ.get("CC", "gcc").split(), "-std=c17", "-O2", "-shared", "-fPIC", "-o",
                        self.library, os.path.join(HERE, "faults.c"), "-ldl"], check=True)
        self.wanted = tree(self.results)
        self.left = {}  # by (step, stale): what a run leaves that nothing disturbs

    def wants(self, title):
        rows = [word for word in self.rows if word not in STEPS]
        return not rows or any(word in rows for word in title.split())

    def folder(self):
        return tempfile.mkdtemp(dir=self.where)

    def copy(self):
        """The undisturbed results, to be disturbed."""
        out = os.path.join(self.folder(), "out")
        shutil.copytree(self.results, out)
        return out

    def run(self, out, *more, shop=None, env=None, fault=None, **popen):
        """fault: FAULT… of faults.c as keywords in lower case."""
        env = dict(os.environ, ATELIER_WEIGHTS="none", **(env or {}))
        if fault:
            env["LD_PRELOAD"] = self.library
            env.update({"FAULT" + (f"_{key}" if key != "kind" else "").upper(): str(value)
                        for key, value in fault.items()})
        command = [self.program, "run", shop or self.shop, "--out", out, "--threads", "1", *more]
        return subprocess.run(command, env=env, capture_output=True, timeout=600, **popen)

    def disturbed(self, step, stale):
        return self.stale(step) if stale else self.without(step)

    def counts(self, step, stale):
        """How many calls of each sort a run makes to which only this step is to do: made where its
        folder is missing, or beside an old one, of which parts may be taken over."""
        out = self.disturbed(step, stale)
        note = out + ".counts"
        self.run(out, "--to", step, fault={"count": note})
        self.left[step, stale] = tree(out)
        with open(note) as lines:
            found = {word: int(n) for word, n in (line.split() for line in lines)}
        self.drop(out)
        return found

    def without(self, step):
        out = self.copy()
        shutil.rmtree(os.path.join(out, FOLDERS[STEPS.index(step)]))
        return out

    def stale(self, step):
        """Results whose step is there and of other inputs: it is made anew beside the old one."""
        out = self.copy()
        path = os.path.join(out, FOLDERS[STEPS.index(step)], "manifest.json")
        with open(path) as file:
            manifest = json.load(file)
        manifest["key"] = "0" * 64
        with open(path, "w") as file:
            json.dump(manifest, file)
        return out

    def drop(self, out):
        shutil.rmtree(os.path.dirname(out))

    def differs(self, out, wanted=None):
        """Why `out` is not byte for byte what an undisturbed run leaves; None when it is."""
        found, wanted = tree(out), wanted or self.wanted
        names = sorted(name for name in wanted.keys() | found.keys()
                       if wanted.get(name) != found.get(name))
        return f"{len(names)} files differ, such as {names[0]}" if names else None

    def disturbs_others(self, out, step, stale):
        """Why what stands in `out` is not as before: every folder but the step's has its bytes, and
        the step's is missing, or has the files of an undisturbed run (under an old key or the new)."""
        found = tree(out)
        if all(found.get(name) == wanted for name, wanted in self.left[step, stale].items()):
            return None
        mine = FOLDERS[STEPS.index(step)] + os.sep
        for name, wanted in self.wanted.items():
            is_mine = name.startswith(mine)
            gone = is_mine and not os.path.isdir(os.path.join(out, mine))
            if not gone and name != mine + "manifest.json" and found.get(name) != wanted:
                return f"{name} is not as it was"
        return None

    def halves(self, out):
        """Why a step folder of `out` is not what its manifest says; None when all are whole."""
        for name in FOLDERS:
            base = os.path.join(out, name)
            if not os.path.isdir(base):
                continue
            try:
                with open(os.path.join(base, "manifest.json")) as file:
                    files = json.load(file)["files"]
                bad = [one["name"] for one in files
                       if digest(os.path.join(base, one["name"])) != one["sha256"]]
            except (OSError, ValueError, KeyError) as why:
                return f"{name}: {why}"
            if bad:
                return f"{name}/{bad[0]} is not what its manifest says"
        return None


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def tree(root):
    """Digest by name of what a run leaves: not the lock, the shop's place, the runs' records and what
    the run before was looked at for (docs/incremental.md)."""
    found = {}
    for base, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "runs"]
        for name in names:
            path = os.path.join(base, name)
            if name not in (".lock", ".shop", ".looked.json"):
                found[os.path.relpath(path, root)] = digest(path)
    return found


def said(ended):
    """The last line of what a run said, for a verdict."""
    lines = ended.stderr.decode("utf-8", "replace").replace("\r", "\n").strip().splitlines()
    return lines[-1] if lines else ""
