/* pg_server: a PostgreSQL server of the test's own, on a socket in a fresh folder of /tmp.
 *
 * Started at the first call in a process, as another user where the test is root; it ends with the
 * process, whichever way that ends. NULL where Debian's server is not installed. Local users are
 * trusted, but for the role `guarded`, whose password is `s3cret`. */
#ifndef TESTS_PG_SERVER_H
#define TESTS_PG_SERVER_H

#include "check.h"

typedef struct pg_server {
    char folder[64];
    char address[160]; /* postgresql://… of its database */
} pg_server;

const pg_server *pg_server_see(void);
/* One value of one row, as psql prints it. */
char *pg_server_ask(scope *s, const char *sql);

#define NO_PG "no PostgreSQL server here (Debian package postgresql)"

#endif
