"""worlds: runs in places, under clocks, names, limits and neighbours that are not as they should be."""
import os, resource, shutil, signal, subprocess, time

from common import FOLDERS, STEPS, digest, said

EARLY = "eda"  # the last of the steps that are run here: those of models read only what these wrote


def row(title, tried):
    """tried: (what, why it did not hold or None). One row of the table; True when all held."""
    tried = list(tried)
    bad = [(what, why) for what, why in tried if why]
    print(f"{title:<44} {len(tried) - len(bad)} of {len(tried)}", flush=True)
    for what, why in bad:
        print(f"    {what}: {why}", flush=True)
    return not bad


def early_differs(bench, out):
    """Like bench.differs, of the steps up to EARLY."""
    for folder in FOLDERS[:STEPS.index(EARLY) + 1]:
        for name, wanted in bench.wanted.items():
            if os.path.dirname(name) == folder and wanted != found(os.path.join(out, name)):
                return f"{name} differs"
    return None


def found(path):
    return digest(path) if os.path.exists(path) else None


def same(bench, out, **how):
    """A whole early run that must end well, in the same bytes."""
    ended = bench.run(out, "--to", EARLY, **how)
    if ended.returncode != 0:
        return f"ended with {ended.returncode}: {said(ended)}"
    return early_differs(bench, out)


def refused(bench, out, part, statuses=(1, 2), **how):
    """A run that must end with one of the statuses and a sentence that has the part."""
    ended = bench.run(out, "--to", EARLY, **how)
    if ended.returncode not in statuses:
        return f"ended with {ended.returncode}: {said(ended)}"
    return None if part.encode() in ended.stderr else f"said: {said(ended)}"


def fresh(bench, name=b"out"):
    return os.path.join(os.fsencode(bench.folder()), name)


# ---- names and places ----

def names(bench):
    linked = fresh(bench)
    os.mkdir(linked + b".real")
    os.symlink(linked + b".real", linked)
    home = bench.folder()
    yield "symbolic link", same(bench, os.fsdecode(linked))
    yield "relative", same(bench, "out", cwd=home) and "" or early_differs(bench, os.path.join(home, "out"))
    for what, name in [("spaces and quotes", b" it's \"out\" "), ("newline", b"out\nput"),
                       ("unicode", "výsledky 結果".encode()),
                       ("255 bytes", b"o" * 255), ("like an option", b"-o"), ("glob", b"o*[u]?t")]:
        yield what, same(bench, os.fsdecode(fresh(bench, name)))
    for what, name in [("shop with spaces and newline", b" the\nshop "), ("shop not UTF-8", b"\xff"),
                       ("shop with a glob", b"s*[h]?op")]:
        shop = fresh(bench, name)
        shutil.copytree(os.fsencode(bench.shop), shop)
        yield what, same(bench, os.fsdecode(fresh(bench)), shop=os.fsdecode(shop))
    yield "results not UTF-8", refused(bench, os.fsdecode(fresh(bench, b"\xff\xfe")), "refuses temp_directory")
    yield "longer than a path", refused(bench, "/tmp/" + "o/" * 2200, "too long")


def rights(bench):
    """As a user who is not root, whom rights do not bind."""
    other = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
    out = os.fsdecode(fresh(bench))
    os.mkdir(out, 0o555)
    os.chmod(out, 0o555)
    os.chmod(os.path.dirname(out), 0o755)
    yield "folder of results that nothing may be written to", refused(bench, out, "ermission", **other)
    shop = os.fsdecode(fresh(bench, b"shop"))
    shutil.copytree(bench.shop, shop)
    os.chmod(os.path.dirname(shop), 0o755)
    os.chmod(os.path.join(shop, "reviews.csv"), 0)
    out = os.fsdecode(fresh(bench))
    os.mkdir(out)
    os.chmod(os.path.dirname(out), 0o777)
    os.chmod(out, 0o777)
    yield "file of the shop that may not be read", refused(bench, out, "reviews.csv: Permission", (1,), shop=shop, **other)
    yield "folder of results is a file", refused(bench, os.path.join(bench.shop, "reviews.csv"), "is not a folder")


def sources(bench):
    """What is no file among the shop's files is passed over, and never waited for."""
    for what, make in [("pipe", lambda path: os.mkfifo(path)),
                       ("endless device", lambda path: os.symlink("/dev/zero", path)),
                       ("full device", lambda path: os.symlink("/dev/full", path)),
                       ("folder", lambda path: os.mkdir(path))]:
        shop = os.fsdecode(fresh(bench, b"shop"))
        shutil.copytree(bench.shop, shop)
        make(os.path.join(shop, "events2.csv"))
        ended = bench.run(os.fsdecode(fresh(bench)), "--to", "raw", shop=shop)
        fit = ended.returncode == 0 and b"events2.csv: not used" in ended.stderr
        yield what, None if fit else f"ended with {ended.returncode}: {said(ended)}"
    shop = os.fsdecode(fresh(bench, b"shop"))
    shutil.copytree(bench.shop, shop)
    os.symlink("nowhere", os.path.join(shop, "events2.csv"))
    yield "link to nothing", refused(bench, os.fsdecode(fresh(bench)), "events2.csv", (1,), shop=shop)


# ---- limits ----

def limit(what, most):
    return lambda: resource.setrlimit(what, (most, most))


def limits(bench):
    out = os.fsdecode(fresh(bench))
    yield "address space of 2 GB", refused(bench, out, "out of memory", (1,),
                                           preexec_fn=limit(resource.RLIMIT_AS, 2 << 30))
    yield "and without", same(bench, out)
    yield "12 open files", refused(bench, os.fsdecode(fresh(bench)), "oo many open files", (1,),
                                   preexec_fn=limit(resource.RLIMIT_NOFILE, 12))
    yield "files of 200 kB", refused(bench, os.fsdecode(fresh(bench)), "oo large", (1,),
                                     preexec_fn=limit(resource.RLIMIT_FSIZE, 200_000),
                                     restore_signals=False)  # an error, not a signal


def full_disk(bench):
    """A file system of its own, too small for each step in turn; then the same with room."""
    early = FOLDERS[:STEPS.index(EARLY) + 1]
    needed = sum(os.path.getsize(os.path.join(base, name)) for folder in early
                 for base, _, names in os.walk(os.path.join(bench.results, folder)) for name in names)
    for percent in range(10, 100, 20):
        place = bench.folder()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={needed * percent // 100}", "tmpfs", place],
                              capture_output=True)
        if made.returncode != 0:
            print("    skipped: no right to mount a small file system", flush=True)
            return
        try:
            out = os.path.join(place, "out")
            why = refused(bench, out, "o space left", (1,)) or bench.halves(out)
            subprocess.run(["mount", "-o", "remount,size=200m", place], check=True)
            yield f"{percent} % of the room", why or same(bench, out)
        finally:
            subprocess.run(["umount", place], check=True)


# ---- time, words, bits ----

def times(bench):
    yield "every write in halves", same(bench, os.fsdecode(fresh(bench)), fault={"kind": "short"})
    day = 86400
    for what, fault in [("400 days ago", {"clock": -400 * day}), ("in 2040", {"clock": 5000 * day}),
                        ("a second back with every look", {"clock_step": -1})]:
        yield what, same(bench, os.fsdecode(fresh(bench)), fault=fault)
    for what, env in [("TZ of a half hour and summer time", {"TZ": "America/St_Johns"}),
                      ("TZ that is none", {"TZ": "No/Where"}),
                      ("LC_ALL=de_DE.UTF-8", {"LC_ALL": "de_DE.UTF-8"}),
                      ("LC_ALL=tr_TR.UTF-8", {"LC_ALL": "tr_TR.UTF-8"}),
                      ("memory full of 165", {"MALLOC_PERTURB_": "165"}),
                      ("no HOME, no PATH", {"HOME": "", "PATH": ""})]:
        yield what, same(bench, os.fsdecode(fresh(bench)), env=env)


# ---- others at the same time ----

def start(bench, out):
    return subprocess.Popen([bench.program, "run", bench.shop, "--out", out, "--to", EARLY,
                             "--threads", "1"], env=dict(os.environ, ATELIER_WEIGHTS="none"),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until(path):
    end = time.monotonic() + 60
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.005)


def others(bench):
    out = os.fsdecode(fresh(bench))
    first = start(bench, out)
    until(os.path.join(out, "01_raw"))
    yield "two runs in one folder", refused(bench, out, f"process {first.pid} is running in", (1,))
    yield "the first goes on", early_differs(bench, out) if first.wait() == 0 else "it failed"
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        for step in (None, "raw", "clean", "features"):
            out = os.fsdecode(fresh(bench))
            run = start(bench, out)
            until(os.path.join(out, FOLDERS[STEPS.index(step)] if step else ".lock"))
            run.send_signal(getattr(signal, name))
            ended = run.wait()
            why = None if ended == -getattr(signal, name) else f"ended with {ended}"
            yield f"{name} after {step or 'the start'}", why or bench.halves(out) or same(bench, out)


def poison(bench, few):
    """A flipped bit in a file that a step wrote: the step is made again."""
    for step, folder in list(zip(STEPS, FOLDERS))[:1 if few else None]:
        files = sorted(os.listdir(os.path.join(bench.results, folder)))
        late = STEPS.index(step) > STEPS.index("train")
        for name in files[:1] if few else files[::max(1, len(files) // 3)] if late else files:
            out = bench.copy()
            path = os.path.join(out, folder, name)
            with open(path, "r+b") as file:
                file.seek(os.path.getsize(path) // 2)
                byte = file.read(1)
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([byte[0] ^ 1]) if byte else b"x")
            ended = bench.run(out)
            yield f"{folder}/{name}", said(ended) if ended.returncode else bench.differs(out)
            bench.drop(out)


def all_of_them(bench, few):
    if few:
        return row("P23 a bit flipped in a result", poison(bench, few))
    held = True
    for title, tried in [("P13 odd names and places", names(bench)), ("P11 no right to read or write", rights(bench)),
                         ("P15 what is no file in a shop", sources(bench)),
                         ("P16 limits of the system", limits(bench)),
                         ("P07 a disk that is full", full_disk(bench)),
                         ("P06 P17 P18 P20 writes, clocks, words, bits", times(bench)),
                         ("P10 P21 two at once, signals", others(bench)),
                         ("P23 a bit flipped in a result", poison(bench, few))]:
        held &= not bench.wants(title) or row(title, tried)
    return held
