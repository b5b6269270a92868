"""kinds: what our reader, DuckDB and pandas make of each kind of malformed CSV, in one table.

Every file has the columns time, customer_id, article_id, price, quantity. For each we know the rows
that are right to load and how many records are not; a reader is
  right    all right rows loaded, every other record reported, or a file that is no table refused or reported whole
  silent   a wrong row loaded, or a record lost, without a word
  lost     the whole file refused, or every record reported, though rows of it are good
usage: bench/kinds.py [--table] [--show]   (the rows of docs/reader.md; what came of silent ones)
"""
import datetime as dt, gzip, json, pathlib, subprocess, sys, tempfile, warnings
try:
    import duckdb
    import pandas as pd
except ImportError as e:
    sys.exit(print(f"skipped: {e}; tools/setup.sh --dev installs it"))

HEAD = b"time,customer_id,article_id,price,quantity\n"
DAY = dt.datetime(2020, 1, 31)
ROW = b"2020-01-31,c1,0017,9.5,2\n"
G = (DAY, "c1", "0017", 9.5, 2)


def row(time=DAY, customer="c1", article="0017", price=9.5, quantity=2):
    return (time, customer, article, price, quantity)


# id, what, bytes, rows that are right (None: the file is to be refused), records that are not
KINDS = [
    ("C01", "empty", b"", None, 0),
    ("C02", "header only", HEAD, [], 0),
    ("C03", "no header", ROW + ROW, None, 0),
    ("C04", "a column twice", b"time,customer_id,article_id,price,price\n" + ROW, None, 0),
    ("C05", "columns reordered", b"price,time,article_id,quantity,customer_id\n9.5,2020-01-31,0017,2,c1\n", [G], 0),
    ("C06", "required column missing", b"time,customer_id,price,quantity\n2020-01-31,c1,9.5,2\n", None, 0),
    ("C07", "extra column", b"time,customer_id,article_id,price,quantity,till\n2020-01-31,c1,0017,9.5,2,7\n", [G], 0),
    ("C08", "renamed column", b"t_dat,Customer ID,StockCode,UnitPrice,Qty\n2020-01-31,c1,0017,9.5,2\n", [G], 0),
    ("C09", "short row", HEAD + ROW + b"2020-01-31,c1,0017\n" + ROW, [G, G], 1),
    ("C10", "long row", HEAD + ROW + b"2020-01-31,c1,0017,9.5,2,8\n" + ROW, [G, G], 1),
    ("C11", "unclosed quote, first row", HEAD + b'2020-01-31,"c1,0017,9.5,2\n' + ROW * 3, [G] * 3, 1),
    ("C11", "unclosed quote, middle", HEAD + ROW * 2 + b'2020-01-31,"c1,0017,9.5,2\n' + ROW * 2, [G] * 4, 1),
    ("C11", "unclosed quote, last row", HEAD + ROW * 2 + b'2020-01-31,"c1,0017,9.5,2\n', [G] * 2, 1),
    ("C11", "unclosed quote, 100,000 rows in", HEAD + ROW * 100000 + b'2020-01-31,"c1,0017,9.5,2\n' + ROW * 100000, [G] * 200000, 1),
    ("C12", "bare quote", HEAD + ROW + b'2020-01-31,c"1,0017,9.5,2\n', [G], 1),
    ("C13", "text after a quote", HEAD + ROW + b'2020-01-31,"c"1,0017,9.5,2\n', [G], 1),
    ("C14", "backslash escapes", HEAD + ROW + b'2020-01-31,"c\\"1",0017,9.5,2\n', [G], 1),
    ("C15", "doubled quotes", HEAD + b'2020-01-31,"c""1",0017,9.5,2\n', [row(customer='c"1')], 0),
    ("C16", "CRLF", (HEAD + ROW + ROW).replace(b"\n", b"\r\n"), [G, G], 0),
    ("C17", "CR", (HEAD + ROW + ROW).replace(b"\n", b"\r"), [G, G], 0),
    ("C18", "mixed newlines", HEAD + ROW.replace(b"\n", b"\r\n") + ROW + ROW.replace(b"\n", b"\r") + ROW, [G] * 4, 0),
    ("C19", "no final newline", HEAD + ROW.strip(), [G], 0),
    ("C20", "blank lines", HEAD + b"\n" + ROW + b"   \n" + ROW, [G, G], 0),
    ("C20", "only delimiters", HEAD + ROW + b",,,,\n" + ROW, [G, G], 0),
    ("C21", "byte order mark", b"\xef\xbb\xbf" + HEAD + ROW, [G], 0),
    ("C22", "UTF-16 with a mark", (HEAD + ROW).decode().encode("utf-16"), None, 0),
    ("C22", "UTF-16 without a mark", (HEAD + ROW).decode().encode("utf-16-le"), None, 0),
    ("C23", "one Latin-1 cell", HEAD + ROW + b"2020-01-31,c\xe9,0017,9.5,2\n", [G], 1),
    ("C24", "overlong UTF-8", HEAD + ROW + b"2020-01-31,c\xc0\xaf,0017,9.5,2\n", [G], 1),
    ("C24", "surrogate", HEAD + ROW + b"2020-01-31,c\xed\xa0\x80,0017,9.5,2\n", [G], 1),
    ("C25", "NUL in an id", HEAD + ROW + b"2020-01-31,c\x001,0017,9.5,2\n", [G], 1),
    ("C26", "semicolon", (HEAD + ROW).replace(b",", b";"), [G], 0),
    ("C26", "tab", (HEAD + ROW).replace(b",", b"\t"), [G], 0),
    ("C26", "pipe", (HEAD + ROW).replace(b",", b"|"), [G], 0),
    ("C27", "decimal comma", (HEAD + ROW).replace(b",", b";") + b"2020-01-31;c1;0017;9,5;2\n", [G], 1),
    ("C27", "thousands separator", HEAD + ROW + b'2020-01-31,c1,0017,"1,234.5",2\n', [G], 1),
    ("C28", "impossible date", HEAD + ROW + b"2020-02-30,c1,0017,9.5,2\n", [G], 1),
    ("C29", "month first", HEAD + ROW + b"09/13/2020,c1,0017,9.5,2\n", [G], 1),
    ("C29", "day or month first: unknown", HEAD + ROW + b"05/06/2020,c1,0017,9.5,2\n", [G], 1),
    ("C30", "two-digit year", HEAD + ROW + b"20-01-31,c1,0017,9.5,2\n", [G], 1),
    ("C30", "zone suffix", HEAD + b"2020-01-31T02:00:00+02:00,c1,0017,9.5,2\n", [G], 0),
    ("C31", "NaN: no value", HEAD + ROW + b"2020-01-31,c1,0017,NaN,2\n", [G], 1),
    ("C31", "inf", HEAD + ROW + b"2020-01-31,c1,0017,inf,2\n", [G], 1),
    ("C31", "1e999", HEAD + ROW + b"2020-01-31,c1,0017,1e999,2\n", [G], 1),
    ("C31", "hexadecimal", HEAD + ROW + b"2020-01-31,c1,0017,0x1p3,2\n", [G], 1),
    ("C32", "overflow", HEAD + ROW + b"2020-01-31,c1,0017,9.5,9223372036854775808\n", [G], 1),
    ("C32", "fraction in a whole number", HEAD + ROW + b"2020-01-31,c1,0017,9.5,2.5\n", [G], 1),
    ("C33", "field of 40 MB", HEAD + ROW + b"2020-01-31," + b"z" * (40 << 20) + b",0017,9.5,2\n" + ROW, [G, G], 1),
    ("C34", "5,000 columns", b",".join(b"c%d" % i for i in range(5000)) + b"\n" + b",".join([b"1"] * 5000) + b"\n", None, 0),
    ("C35", "newline in quotes", HEAD + b'2020-01-31,"c\n1",0017,9.5,2\n' + ROW, [row(customer="c\n1"), G], 0),
    ("C36", "last row cut off", HEAD + ROW + b"2020-01-31,c1,00", [G], 1),
    ("C37", "spaces around numbers", HEAD + b"2020-01-31,c1,0017, 9.5 , 2\n", [G], 0),
    ("C38", "NULL without quotes", HEAD + ROW + b"NULL,c1,0017,9.5,2\n", [G], 1),
    ("C39", "Ctrl-Z at the end", HEAD + ROW + b"\x1a", [G], 0),
    ("C40", "gzip named .csv", gzip.compress(HEAD + ROW), [G], 0),
    ("C40", "zip named .csv", b"PK\x03\x04" + bytes(60), None, 0),
    ("C40", "zstd named .csv", b"\x28\xb5\x2f\xfd" + bytes(60), None, 0),
    ("C41", "lines before the header", b"Report of the till\nJanuary\n" + HEAD + ROW, None, 0),
    ("C41", "footer", HEAD + ROW + b"Total,,,9.5,\n", [G], 1),
    ("C42", "header of two lines", HEAD + b"UTC,key,key,EUR,pcs\n" + ROW, [G], 1),
    ("C43", "a second table below", HEAD + ROW + b"\nsku,shelf\n0017,A1\n", [G], 2),
    ("C44", "header repeated", HEAD + ROW + HEAD + ROW, [G, G], 1),
    ("C45", "comment line", HEAD + b"# from the till\n" + ROW, [G], 1),
    ("C46", "formula in a text", HEAD + b"2020-01-31,=cmd(),0017,9.5,2\n", [row(customer="=cmd()")], 0),
    ("C47", "bidi mark in a text", HEAD + "2020-01-31,\u202ec1,0017,9.5,2\n".encode(), [row(customer="\u202ec1")], 0),
    ("C48", "10,000 equal rows", HEAD + ROW * 10000, [G] * 10000, 0),
    ("C52", "sorted descending", HEAD + ROW + b"2020-01-30,c1,0017,9.5,2\n", [G, row(DAY - dt.timedelta(1))], 0),
    ("C53", "future date", HEAD + b"2150-01-31,c1,0017,9.5,2\n", [row(dt.datetime(2150, 1, 31))], 0),
    ("C54", "negative quantity: a return", HEAD + b"2020-01-31,c1,0017,9.5,-2\n", [row(quantity=-2)], 0),
    ("C56", "ids as numbers and texts", HEAD + ROW + b"2020-01-31,c1,17a,9.5,2\n", [G, row(article="17a")], 0),
    ("C57", "ids that differ in case", HEAD + ROW + b"2020-01-31,C1,0017,9.5,2\n", [G, row(customer="C1")], 0),
]

COLUMNS = ["time", "customer_id", "article_id", "price", "quantity"]


def ours(folder):
    shop, out = folder / "shop", folder / "out"
    done = subprocess.run(["build/atelier", "run", str(shop), "--out", str(out), "--to", "raw", "--json"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return None, 0
    rows = duckdb.sql(f"SELECT {','.join(COLUMNS)} FROM '{out}/01_raw/raw_transactions.parquet' ORDER BY src_line")
    return rows.fetchall(), json.loads(done.stdout)["files"][0]["quarantined"]


def engine(folder):
    """Types given, rejects stored, everything else by default: the strictest that keeps good rows."""
    con = duckdb.connect()
    try:
        rows = con.execute(
            "SELECT time, customer_id, article_id, price, quantity FROM read_csv(?, header = true, "
            "store_rejects = true, columns = {'time': 'TIMESTAMP', 'customer_id': 'VARCHAR', "
            "'article_id': 'VARCHAR', 'price': 'DOUBLE', 'quantity': 'BIGINT'})",
            [str(folder / "shop" / "sales.csv")]).fetchall()
        return rows, con.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone()[0]
    except Exception:
        return None, 0


def pandas(folder):
    """Types given; a cell that does not fit its type refuses the file."""
    said = []
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            t = pd.read_csv(folder / "shop" / "sales.csv", parse_dates=["time"], on_bad_lines="warn",
                            dtype={"customer_id": str, "article_id": str, "price": float, "quantity": "Int64"})
            if not pd.api.types.is_datetime64_any_dtype(t["time"]):
                raise ValueError("dates did not parse")
            if t["time"].dt.tz is not None:
                t["time"] = t["time"].dt.tz_convert(None)
            t["time"] = t["time"].astype("datetime64[us]")
        rows = [(r[0].to_pydatetime() if r[0] is not pd.NaT else None, *r[1:])
                for r in t[COLUMNS].itertuples(index=False)]
        return rows, sum("Skipping line" in str(w.message) for w in said)
    except Exception:
        return None, 0


def verdict(right, bad, got, reported):
    if got is None:
        return "right" if right is None else "lost"
    if right is None:
        return "right" if not got and reported else "silent"
    got, right = [[tuple(map(str, r)) for r in rows] for rows in (got, right)]
    if got == right and reported >= bad:
        return "right"
    return "lost" if not got and reported >= len(right) + bad else "silent"


def main():
    readers = [("atelier", ours), ("DuckDB " + duckdb.__version__, engine), ("pandas " + pd.__version__, pandas)]
    count = {name: {"right": 0, "silent": 0, "lost": 0} for name, _ in readers}
    table = "--table" in sys.argv
    print("| id | kind of file | " + " | ".join(n for n, _ in readers) + " |\n| --- | --- | --- | --- | --- |" if table
          else f"{'id':4} {'kind of file':34}" + "".join(f"{n:>16}" for n, _ in readers))
    for kind, what, data, right, bad in KINDS:
        with tempfile.TemporaryDirectory() as where:
            folder = pathlib.Path(where)
            (folder / "shop").mkdir()
            (folder / "shop" / "sales.csv").write_bytes(data)
            found = []
            for name, read in readers:
                got, reported = read(folder)
                found.append(verdict(right, bad, got, reported))
                if found[-1] == "silent" and "--show" in sys.argv:
                    print(f"     {name}: {len(got)} rows, {reported} reported, first {got[:3]}")
                count[name][found[-1]] += 1
        print(f"| {kind} | {what} | " + " | ".join(found) + " |" if table
              else f"{kind:4} {what:34}" + "".join(f"{f:>16}" for f in found), flush=True)
    for name, _ in readers:
        c = count[name]
        print(f"{name}: {c['right']} of {len(KINDS)} right, {c['silent']} silent, {c['lost']} files lost")
    return 0 if count["atelier"]["silent"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
