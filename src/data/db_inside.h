/* db_inside: what the files that include the engine's header (db.c, db_stream.c) share. */
#ifndef DATA_DB_INSIDE_H
#define DATA_DB_INSIDE_H

#include "data/db.h"

struct _duckdb_connection;
struct _duckdb_connection *db_connection(const db *d);

extern const char db_parquet_options[]; /* of COPY … TO: every file of ours is written alike */

#endif
