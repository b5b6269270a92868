/* pg_server: a PostgreSQL server of the test's own, on a socket in a fresh folder of /tmp.
 *
 * Started at the first call in a process, as another user where the test is root; it ends with the
 * process, whichever way that ends. NULL where Debian's server is not installed. Local users are
 * trusted, but for the role `guarded`, whose password is `s3cret`. POSTGRES_BIN names the folder
 * with initdb and postgres of another version than Debian's. */
#ifndef TESTS_PG_SERVER_H
#define TESTS_PG_SERVER_H

#include "check.h"

typedef struct pg_server {
    char folder[64];
    char address[160]; /* postgresql://… of its database */
    char small[80];    /* a folder with room for 2 MB, seen by the server alone; "" = no right */
} pg_server;

const pg_server *pg_server_see(void);
/* One value of one row, as psql prints it. */
char *pg_server_ask(scope *s, const char *sql);

/* Ends the server by a signal (SIGINT: asked to; SIGQUIT: at once, as after a crash), and starts it
 * again over the same databases. */
void pg_server_restart(int signal);

#define NO_PG "no PostgreSQL server here (Debian package postgresql)"

#endif
