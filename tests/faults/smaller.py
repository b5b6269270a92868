"""smaller: a part of a demo shop that still has a use for every family: smaller.py SHOP TO

Three customers in ten and four articles in ten by the CRC of their ids, and all that names them
alone; of the kept articles all reviews, because a family wants 200 of them. Lines that are broken
stay. A run over it takes two fifths of the processor time of one over the whole."""
import builtins, csv, gzip, os, sys, zlib

KEPT = {"customer_id": 30, "user_id": 30, "article_id": 40}
COLUMNS = {"articles.csv": ["article_id"], "customers.csv": ["customer_id"], "reviews.csv": ["article_id"],
           "transactions_train.csv": ["customer_id", "article_id"], "stock.csv": ["article_id"],
           "events.csv.gz": ["user_id", "article_id"]}


def stays(row, places):
    return all(place >= len(row) or not row[place] or zlib.crc32(row[place].encode()) % 100 < KEPT[name]
               for name, place in places.items())


def main():
    shop, to = sys.argv[1:3]
    os.makedirs(to, exist_ok=True)
    for name, columns in COLUMNS.items():
        files = gzip if name.endswith(".gz") else builtins
        with files.open(os.path.join(shop, name), "rb") as file:
            head, *lines = file.read().decode("latin-1").split("\n")  # any bytes, and back
        places = {column: head.rstrip("\r").split(",").index(column) for column in columns}
        kept = [head] + [line for line in lines if stays(next(csv.reader([line]), []), places)]
        with files.open(os.path.join(to, name), "wb") as file:
            file.write("\n".join(kept).encode("latin-1"))


main()
