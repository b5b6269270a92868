"""widen: a served bundle with N times the customers, to see how a large one starts and answers.

    widen.py OUT TO N        reads OUT/10_serve, writes TO/10_serve

Customers repeat with new ids; articles stay. The model files are read and written here as
src/data/store.h describes them, so the result is a sound bundle to the server.
"""
import hashlib
import json
import os
import struct
import sys

import numpy as np

TYPES = ["<u1", "<i4", "<i8", "<f4", "<f8"]
LOGS = {"history": ("item", "day", "weight"), "looks": ("item", "day", "weight")}


def read(path):
    raw = open(path, "rb").read()
    kind, n = raw[8:24], struct.unpack_from("<q", raw, 24)[0]
    arrays = {}
    for i in range(n):
        at = 64 + 96 * i
        name = raw[at:at + 56].split(b"\0")[0].decode()
        kind_of, rows, cols, offset, _ = struct.unpack_from("<5q", raw, at + 56)
        arrays[name] = np.frombuffer(raw, TYPES[kind_of], rows * cols, offset).reshape(rows, cols)
    return kind, arrays


def write(path, kind, arrays):
    table, at, body = b"", 64 + 96 * 128, []
    for name, a in arrays.items():
        rows, cols = a.shape
        table += struct.pack("<56s5q", name.encode(), TYPES.index(a.dtype.str.replace("|", "<")),
                             rows, cols, at, 0)
        body.append(a)
        at += (a.nbytes + 63) & ~63
    table = table.ljust(96 * 128, b"\0")
    check = hashlib.sha256(table)
    for a in body:
        check.update(a.tobytes() + b"\0" * (-a.nbytes % 64))
    with open(path, "wb") as f:
        f.write(struct.pack("<8s16sqq24s", b"ATELIER1", kind, len(arrays), at,
                            check.hexdigest()[:24].encode()))
        f.write(table)
        for a in body:
            f.write(a.tobytes() + b"\0" * (-a.nbytes % 64))


def offsets(at, times):
    step = at[-1, 0]
    return np.concatenate([at[:1]] + [at[1:] + i * step for i in range(times)]).astype("<i8")


def main(out, to, times):
    os.makedirs(f"{to}/10_serve", exist_ok=True)
    kind, ids = read(f"{out}/10_serve/ids.atm")
    at, text = ids["customer_id.at"][:, 0], ids["customer_id.bytes"].tobytes()
    names = [text[at[i]:at[i + 1]] for i in range(len(at) - 1)]
    customers = len(names)
    many = [n if i == 0 else n + b"-%d" % i for i in range(times) for n in names]
    ids["customer_id.at"] = np.cumsum([0] + [len(n) for n in many]).astype("<i8").reshape(-1, 1)
    ids["customer_id.bytes"] = np.frombuffer(b"".join(many), "u1").reshape(-1, 1)
    write(f"{to}/10_serve/ids.atm", kind, ids)
    kind, lists = read(f"{out}/10_serve/recommend.atm")
    for name in [n for n in lists if n.startswith("user_") or n in ("band", "als_user",
                                                                   "facts_customer")]:
        if len(lists[name]) == customers:
            lists[name] = np.tile(lists[name], (times, 1))
    for log, parts in LOGS.items():
        lists[f"{log}_at"] = offsets(lists[f"{log}_at"], times)
        for part in parts:
            lists[f"{log}_{part}"] = np.tile(lists[f"{log}_{part}"], (times, 1))
    write(f"{to}/10_serve/recommend.atm", kind, lists)
    open(f"{to}/10_serve/home.json", "w").write("{}")
    manifest = json.load(open(f"{out}/10_serve/manifest.json"))
    manifest["files"] = []
    for name in sorted(os.listdir(f"{to}/10_serve")):
        if name == "manifest.json":
            continue
        with open(f"{to}/10_serve/{name}", "rb") as f:
            sha = hashlib.file_digest(f, "sha256").hexdigest()
        manifest["files"].append({"name": name, "bytes": os.path.getsize(f"{to}/10_serve/{name}"),
                                  "sha256": sha})
    json.dump(manifest, open(f"{to}/10_serve/manifest.json", "w"), indent=2)
    print(f"{customers * times} customers, {sum(f['bytes'] for f in manifest['files']) >> 20} MB")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
