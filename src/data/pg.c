/* pg: a PostgreSQL server; the only file that includes libpq's header. */
#include "data/pg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

enum { NAME_MOST = 63, BUFFER = 1 << 18 };

struct pg {
    PGconn *connection;
    char *where;
    const pg_shape *shape; /* of the COPY under way */
    text rows;             /* not sent yet */
};

const char *pg_version(void) {
    static char words[16];
    snprintf(words, sizeof words, "%d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
    return words;
}

bool pg_is_address(const char *said) {
    return strncmp(said, "postgresql://", 13) == 0 || strncmp(said, "postgres://", 11) == 0;
}

/* ---- refusals ---- */

/* A message of several lines as one: "ERROR:  a\nDETAIL:  b\n" -> "a; b". */
static void one_line(char *to, size_t room, const char *from) {
    static const char *const heads[] = {"ERROR:", "FATAL:", "DETAIL:", "HINT:"};
    size_t n = 0;
    while (*from && n + 3 < room) {
        for (int i = 0; i < 4; i++)
            if (strncmp(from, heads[i], strlen(heads[i])) == 0) from += strlen(heads[i]);
        while (*from == ' ' || *from == '\t') from++;
        while (*from && *from != '\n' && n + 3 < room) to[n++] = *from++;
        while (*from == '\n') from++;
        if (*from && n) to[n++] = ';', to[n++] = ' ';
    }
    to[n] = 0;
}

static bool says_no_connection(const pg *p, err *e) {
    char why[700];
    one_line(why, sizeof why, PQerrorMessage(p->connection));
    fail(e, "no connection to PostgreSQL at %s: %s", p->where, why);
    if (PQconnectionNeedsPassword(p->connection) || strstr(why, "password")) {
        fail_in(e, "a password belongs into ~/.pgpass, PGPASSFILE or a service file");
        return fail_cause(e, "permission");
    }
    bool barred = strstr(why, "permission denied") || strstr(why, "not permitted") ||
                  strstr(why, "pg_hba.conf");
    return fail_cause(e, barred ? "permission" : "no_server");
}

static bool starts(const char *said, const char *with) {
    return said && strncmp(said, with, strlen(with)) == 0;
}

static const char *cause_of(const char *state) {
    if (starts(state, "28") || starts(state, "42501")) return "permission";
    if (starts(state, "53")) return "cannot_create";
    return starts(state, "55P03") || starts(state, "40P01") ? "temporary" : "bad_data";
}

/* "; COPY articles.new, line 7, column name": the row that the server was at. */
static const char *row_of(const PGresult *r) {
    const char *where = r ? PQresultErrorField(r, PG_DIAG_CONTEXT) : NULL;
    return starts(where, "COPY ") ? where : "";
}

/* What stands behind the server's words. */
static void add_more(const PGresult *r, const char *state, text *to) {
    const char *detail = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL) : NULL;
    const char *row = row_of(r);
    if (detail) text_addf(to, "; %.300s", detail);
    if (starts(state, "55P03")) text_addf(to, "; another session holds it");
    if (*row) text_addf(to, "; %.*s", (int)strcspn(row, ":\n"), row);
}

/* Classes of the SQL standard: 08 connection, 28 and 42501 rights, 53 resources, 55P03 and 40P01
 * locks; the asker's are 0A what there is not, 25 writing where only reading is allowed, 3D, 3F and
 * 42 names and syntax. */
static bool says_no(const pg *p, const PGresult *r, err *e) {
    char why[700];
    text more = {0};
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *said = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    bool lost = PQstatus(p->connection) != CONNECTION_OK;
    one_line(why, sizeof why, said ? said : PQerrorMessage(p->connection));
    static const char *const asked[] = {"0A", "25", "3D", "3F", "42"};
    bool named = false;
    for (int i = 0; i < 5; i++) named = named || starts(state, asked[i]);
    named = named && !lost && strcmp(state, "42501") != 0;
    add_more(r, state, &more);
    (named ? refuse : fail)(e, "PostgreSQL at %s: %s%s", p->where, why, more.n ? more.p : "");
    text_free(&more);
    if (lost || starts(state, "08") || starts(state, "57P")) return fail_cause(e, "no_server");
    return named ? false : fail_cause(e, cause_of(state));
}

bool pg_wants_right(err *e, const char *rights) {
    char wanted[400];
    if (strcmp(e->cause, "permission") != 0) return false;
    snprintf(wanted, sizeof wanted, "wanted is the right %.300s", rights);
    return fail_in(e, wanted);
}

/* ---- connecting ---- */

static const char *value_of(const PQconninfoOption *all, const char *key) {
    for (; all->keyword; all++)
        if (strcmp(all->keyword, key) == 0) return all->val;
    return NULL;
}

/* The message of the library may repeat the address, and with it a password: it is not shown. */
static bool check_address(const char *address, err *e) {
    char *ignored = NULL;
    PQconninfoOption *all = PQconninfoParse(address, &ignored);
    PQfreemem(ignored);
    if (!all)
        return refuse(e, "that is no address of PostgreSQL: wanted "
                         "postgresql://[user@][host][:port][/database][?parameters], special "
                         "characters as %%XX");
    bool secret = value_of(all, "password") || value_of(all, "sslpassword");
    PQconninfoFree(all);
    return !secret ||
           refuse(e, "the address of PostgreSQL holds a password, which others can read there: "
                     "leave it out and put it into ~/.pgpass, PGPASSFILE or a service file");
}

static void close_pg(void *what) {
    pg *p = what;
    PQfinish(p->connection);
    text_free(&p->rows);
}

static void hear_nothing(void *what, const char *message) { (void)what, (void)message; }

/* What stands before the address can be changed by it; what stands behind, not. */
static PGconn *connect_to(const char *address) {
    const char *const keys[] = {"connect_timeout", "dbname", "client_encoding", "application_name",
                                NULL};
    const char *const values[] = {"10", address, "UTF8", "atelier", NULL};
    return PQconnectdbParams(keys, values, 1);
}

static const char *or_empty(const char *said) { return said ? said : ""; }

static bool check_version(const pg *p, err *e) {
    enum { OLDEST = 90600 };
    return PQserverVersion(p->connection) >= OLDEST ||
           refuse(e, "PostgreSQL at %s has version %s, which is too old: 9.6 or a newer one is "
                     "wanted", p->where,
                  or_empty(PQparameterStatus(p->connection, "server_version")));
}

/* Words for times and spans do not hang on the server's settings, and nothing waits without end
 * for what another session holds; who wants another wait says so in the address or for the role. */
static bool set_up(pg *p, err *e) {
    return pg_run(p, e, "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = "
                        "'postgres'; SELECT set_config('lock_timeout', '60s', false) WHERE "
                        "current_setting('lock_timeout') = '0'");
}

pg *pg_open(scope *owner, const char *address, err *e) {
    if (!check_address(address, e)) return NULL;
    pg *p = take(&owner->keep, pg, 1);
    p->connection = connect_to(address);
    if (!p->connection) return fail(e, "out of memory"), NULL;
    scope_defer(owner, close_pg, p);
    p->where = arena_text(&owner->keep, "%s@%s:%s/%s", or_empty(PQuser(p->connection)),
                          or_empty(PQhost(p->connection)), or_empty(PQport(p->connection)),
                          or_empty(PQdb(p->connection)));
    PQsetNoticeProcessor(p->connection, hear_nothing, NULL);
    if (PQstatus(p->connection) != CONNECTION_OK) return says_no_connection(p, e), NULL;
    return check_version(p, e) && set_up(p, e) ? p : NULL;
}

const char *pg_where(const pg *p) { return p->where; }

/* ---- statements ---- */

static bool is_done(const PGresult *r) {
    ExecStatusType t = PQresultStatus(r);
    return t == PGRES_COMMAND_OK || t == PGRES_TUPLES_OK;
}

bool pg_run(pg *p, err *e, const char *format, ...) {
    text sql = {0};
    va_list args;
    va_start(args, format);
    text_addv(&sql, format, args);
    va_end(args);
    PGresult *r = PQexec(p->connection, sql.p);
    bool done = is_done(r) || says_no(p, r, e);
    PQclear(r);
    text_free(&sql);
    return done;
}

static void take_cells(const PGresult *r, arena *keep, columns *out) {
    int n = PQnfields(r), rows = PQntuples(r);
    const char **names = take(keep, const char *, n);
    column_type *types = take(keep, column_type, n);
    for (int i = 0; i < n; i++) {
        names[i] = slice_copy(keep, slice_of(PQfname(r, i)));
        types[i] = COLUMN_TEXT;
    }
    *out = columns_new(keep, n, names, types, rows);
    for (int i = 0; i < n; i++) {
        out->at[i].valid = take(keep, uint8_t, rows);
        for (int k = 0; k < rows; k++) {
            if (PQgetisnull(r, k, i)) continue;
            slice cell = {PQgetvalue(r, k, i), (size_t)PQgetlength(r, k, i)};
            out->at[i].text[k] = (slice){slice_copy(keep, cell), cell.n};
            out->at[i].valid[k] = 1;
        }
    }
}

bool pg_commit(pg *p, err *e) {
    PGresult *r = PQexec(p->connection, "COMMIT");
    bool done = is_done(r) && strcmp(PQcmdStatus(r), "COMMIT") == 0;
    if (!done && !is_done(r)) says_no(p, r, e);
    else if (!done) fail(e, "PostgreSQL at %s: the transaction was undone", p->where);
    if (PQstatus(p->connection) != CONNECTION_OK)
        fail_in(e, "while all was to be made final, so that it is, whole, or nothing is");
    PQclear(r);
    return done;
}

bool pg_query(pg *p, arena *keep, columns *out, err *e, const char *sql, int n,
              const char *const *values) {
    PGresult *r = PQexecParams(p->connection, sql, n, NULL, values, NULL, NULL, 0);
    bool done = is_done(r) || says_no(p, r, e);
    if (done) take_cells(r, keep, out);
    PQclear(r);
    return done;
}

/* Copies what the library quoted; NULL when it could not. */
static char *kept(arena *keep, char *quoted) {
    char *copy = quoted ? slice_copy(keep, slice_of(quoted)) : NULL;
    PQfreemem(quoted);
    return copy;
}

char *pg_name(pg *p, arena *keep, const char *name, err *e) {
    size_t n = strlen(name);
    if (n == 0 || n > NAME_MOST) {
        refuse(e, "'%.80s' is no name for PostgreSQL: 1 to %d bytes", name, NAME_MOST);
        return NULL;
    }
    char *quoted = kept(keep, PQescapeIdentifier(p->connection, name, n));
    if (!quoted) refuse(e, "'%.80s' is no name for PostgreSQL: it is not UTF-8", name);
    return quoted;
}

char *pg_literal(pg *p, arena *keep, const char *value) {
    return kept(keep, PQescapeLiteral(p->connection, value, strlen(value)));
}

/* ---- rows in ---- */

static bool send_rows(pg *p, err *e) {
    /* A full socket is waited for: the connection blocks. */
    if (PQputCopyData(p->connection, p->rows.p, (int)p->rows.n) != 1) return says_no(p, NULL, e);
    text_clear(&p->rows);
    return true;
}

bool pg_put_open(pg *p, const char *table, const pg_shape *shape, err *e) {
    text sql = {0};
    text_addf(&sql, "COPY %s FROM STDIN (FORMAT binary)", table);
    PGresult *r = PQexec(p->connection, sql.p);
    bool done = PQresultStatus(r) == PGRES_COPY_IN || says_no(p, r, e);
    PQclear(r);
    text_free(&sql);
    p->shape = shape;
    text_clear(&p->rows);
    if (done) pg_rows_begin(&p->rows);
    return done;
}

bool pg_put(pg *p, const columns *rows, err *e) {
    return pg_rows_put(&p->rows, p->shape, rows, e) && (p->rows.n < BUFFER || send_rows(p, e));
}

bool pg_put_close(pg *p, int64_t *rows, err *e) {
    pg_rows_end(&p->rows);
    if (!send_rows(p, e)) return false;
    if (PQputCopyEnd(p->connection, NULL) != 1) return says_no(p, NULL, e);
    PGresult *r = PQgetResult(p->connection);
    bool done = is_done(r) || says_no(p, r, e);
    if (done) *rows = strtoll(PQcmdTuples(r), NULL, 10);
    PQclear(r);
    for (PGresult *more; (more = PQgetResult(p->connection)) != NULL;) PQclear(more);
    return done;
}

/* ---- rows out ---- */

/* Types by their number in the server's catalogue, pg_type.dat; others are asked for as text, money
 * without the signs of the server's country. */
enum { MONEY = 790 };

static bool type_of(Oid number, pg_type *to) {
    static const struct {
        Oid number;
        pg_type type;
    } types[] = {{16, PG_BOOL},      {21, PG_INT2},    {23, PG_INT4},  {20, PG_INT8},
                 {700, PG_FLOAT4},   {701, PG_FLOAT8}, {25, PG_TEXT},  {1043, PG_TEXT},
                 {1082, PG_DATE},    {1114, PG_TIMESTAMP}, {1184, PG_TIMESTAMPTZ}};
    *to = PG_TEXT;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].number == number) return *to = types[i].type, true;
    return false;
}

/* Whether a type's text is a value of its own: words, enums, numbers, times, networks, uuid, json;
 * not lists, records, ranges, shapes and bytes. */
static bool reads_as_text(pg *p, Oid number, arena *keep, bool *is, const char **word, err *e) {
    columns c;
    char value[16];
    const char *values[] = {value};
    snprintf(value, sizeof value, "%u", number);
    if (!pg_query(p, keep, &c, e,
                  "SELECT format_type(oid, NULL), typcategory IN ('S', 'E', 'N', 'D', 'T', 'I') OR "
                  "typname IN ('uuid', 'json', 'jsonb', 'unknown') FROM pg_type WHERE oid = "
                  "$1::oid", 1, values))
        return false;
    *word = c.rows ? c.at[0].text[0].p : "unknown";
    *is = c.rows && slice_is(c.at[1].text[0], "t");
    return true;
}

static bool add_column(pg *p, const PGresult *r, int i, arena *keep, pg_source *out, pg_column *at,
                       text *list, text *left, err *e) {
    bool is = true;
    const char *word = NULL, *name = slice_copy(keep, slice_of(PQfname(r, i)));
    pg_column *k = &at[out->shape.n];
    bool known = type_of(PQftype(r, i), &k->type);
    if (!known && !reads_as_text(p, PQftype(r, i), keep, &is, &word, e)) return false;
    if (!is) {
        text_addf(left, "%s%s (%s)", left->n ? ", " : "", name, word);
        return true;
    }
    k->name = name;
    char *quoted = pg_name(p, keep, name, e);
    if (!quoted) return false;
    const char *as = known ? "" : PQftype(r, i) == MONEY ? "::numeric::text" : "::text";
    text_addf(list, "%s%s%s", out->shape.n ? ", " : "", quoted, as);
    out->shape.n++;
    return true;
}

static bool describe(pg *p, const PGresult *r, arena *keep, const char *select, pg_source *out,
                     text *list, text *left, err *e) {
    enum { MOST = 250 };
    int n = PQnfields(r);
    pg_column *at = take(keep, pg_column, n);
    if (n > MOST) return refuse(e, "%s has %d columns, at most %d fit", out->shape.table, n, MOST);
    for (int i = 0; i < n; i++)
        if (!add_column(p, r, i, keep, out, at, list, left, e)) return false;
    if (out->shape.n == 0) return refuse(e, "%s has no column that fits", out->shape.table);
    out->shape.at = at;
    out->copy = arena_text(keep, "COPY (SELECT %s FROM (%s\n) AS q) TO STDOUT (FORMAT binary)",
                           list->p, select);
    if (left->n) out->left_out = slice_copy(keep, text_slice(left));
    return true;
}

bool pg_describe(pg *p, arena *keep, const char *name, const char *select, pg_source *out, err *e) {
    text sql = {0}, list = {0}, left = {0};
    slice said = slice_trim(slice_of(select));
    while (said.n && said.p[said.n - 1] == ';') said = slice_trim((slice){said.p, said.n - 1});
    select = slice_copy(keep, said);
    *out = (pg_source){.shape = {.table = name}};
    text_addf(&sql, "SELECT * FROM (%s\n) AS q LIMIT 0", select);
    PGresult *r = PQexec(p->connection, sql.p);
    bool done = (is_done(r) || says_no(p, r, e)) &&
                describe(p, r, keep, select, out, &list, &left, e);
    PQclear(r);
    text_free(&sql);
    text_free(&list);
    text_free(&left);
    return done || fail_in(e, name);
}

/* Takes messages until the server has no more; after a failure of ours they are dropped. */
static bool take_messages(pg *p, pg_intake *in, err *e) {
    char *bytes;
    int n;
    bool done = true;
    while ((n = PQgetCopyData(p->connection, &bytes, 0)) > 0) {
        done = done && pg_intake_add(in, (slice){bytes, (size_t)n}, e);
        PQfreemem(bytes);
    }
    return done && (n == -1 || says_no(p, NULL, e));
}

/* A value that the server cannot give is of the row behind those that came. */
static bool says_no_after(const pg *p, const PGresult *r, const pg_intake *in, err *e) {
    char after[48];
    says_no(p, r, e);
    if (strcmp(e->cause, "bad_data") != 0) return false;
    snprintf(after, sizeof after, "after %lld rows", (long long)pg_intake_rows(in));
    return fail_in(e, after);
}

bool pg_get(pg *p, const pg_source *from, pg_each_rows *each, void *what, int64_t *rows, err *e) {
    scope s;
    int64_t taken = 0;
    if (!scope_open(&s, (size_t)256 << 20, 0, e)) return false;
    PGresult *r = PQexec(p->connection, from->copy);
    bool done = PQresultStatus(r) == PGRES_COPY_OUT || says_no(p, r, e);
    PQclear(r);
    pg_intake *in = pg_intake_open(&s, &from->shape, each, what);
    if (done) done = take_messages(p, in, e);
    while ((r = PQgetResult(p->connection)) != NULL) {
        if (done) done = is_done(r) || says_no_after(p, r, in, e);
        if (done) *rows = strtoll(PQcmdTuples(r), NULL, 10);
        PQclear(r);
    }
    done = done && pg_intake_end(in, &taken, e);
    scope_close(&s);
    if (done && taken != *rows)
        done = fail(e, "the server sent %lld rows and %lld arrived", (long long)*rows,
                    (long long)taken);
    return done || fail_in(e, from->shape.table);
}
