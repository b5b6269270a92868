/* pg_server: a PostgreSQL server of the test's own. */
#include "pg_server.h"

#include <glob.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

static pg_server server;
static pid_t process;
static char bin[128], of_server[128]; /* psql and pg_isready; initdb and postgres */

static bool find_programs(void) {
    glob_t found;
    bool there = glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0;
    if (there) snprintf(bin, sizeof bin, "%.100s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    char path[160];
    const char *other = getenv("POSTGRES_BIN");
    snprintf(of_server, sizeof of_server, "%.100s", other ? other : bin);
    snprintf(path, sizeof path, "%s/initdb", of_server);
    return there && access(path, X_OK) == 0;
}

/* The server refuses to be root. */
static const struct passwd *other_user(void) {
    if (getuid() != 0) return NULL;
    const struct passwd *who = getpwnam("postgres");
    return who ? who : getpwnam("nobody");
}

/* A disk that only this process and its children see, and that goes with them. */
static void mount_small(const struct passwd *who) {
    if (!who || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("small", server.small, "tmpfs", 0, "size=2m") != 0 ||
        chown(server.small, who->pw_uid, who->pw_gid) != 0)
        return;
    close(open("small.is", O_WRONLY | O_CREAT, 0666));
}

static pid_t start(const char *const *argv, bool small) {
    pid_t parent = getpid(), child = fork();
    if (child != 0) return child;
    if (small) mount_small(other_user());
    const struct passwd *who = other_user();
    if (who && (setgid(who->pw_gid) != 0 || setuid(who->pw_uid) != 0)) _exit(127);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent) _exit(127);
    int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0666);
    dup2(log, 1);
    dup2(log, 2);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void stop(void) {
    char command[128];
    kill(process, SIGQUIT);
    waitpid(process, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", server.folder);
    if (system(command) != 0) fprintf(stderr, "%s stays\n", server.folder);
}

static char *psql(scope *s, const char *sql) {
    char program[160];
    snprintf(program, sizeof program, "%s/psql", bin);
    check_run r = check_command(s, (const char *const[]){program, "-XAtq", "-v", "ON_ERROR_STOP=1",
                                                         "-c", sql, server.address, NULL});
    if (r.status != 0) fprintf(stderr, "%.*s", (int)r.err.n, r.err.p);
    return r.status == 0 ? slice_copy(&s->keep, slice_trim(r.out)) : NULL;
}

char *pg_server_ask(scope *s, const char *sql) {
    char *said = psql(s, sql);
    check(said != NULL);
    return said;
}

static void make_cluster(void) {
    char program[160], data[96], rules[128];
    int status;
    snprintf(program, sizeof program, "%s/initdb", of_server);
    snprintf(data, sizeof data, "%s/data", server.folder);
    const char *argv[] = {program, "-D", data, "-A", "trust", "-U", "postgres", "--locale=C",
                          "-E", "UTF8", "-N", NULL};
    check(waitpid(start(argv, false), &status, 0) > 0 && status == 0);
    snprintf(rules, sizeof rules, "%s/pg_hba.conf", data);
    FILE *f = fopen(rules, "w");
    check(f != NULL);
    fputs("local all guarded md5\nlocal all all trust\n", f);
    check(fclose(f) == 0);
}

static bool is_up(void) {
    char program[160], data[96];
    int status;
    snprintf(program, sizeof program, "%s/pg_isready", bin);
    snprintf(data, sizeof data, "%s", server.folder);
    const char *argv[] = {program, "-q", "-h", data, NULL};
    return waitpid(start(argv, false), &status, 0) > 0 && status == 0;
}

/* Runs in the server's folder, and comes back. */
static void start_server(void) {
    char here[4096], program[160], data[96];
    check(getcwd(here, sizeof here) && chdir(server.folder) == 0);
    snprintf(program, sizeof program, "%s/postgres", of_server);
    snprintf(data, sizeof data, "%s/data", server.folder);
    const char *argv[] = {program, "-D", data, "-k", server.folder, "-c", "listen_addresses=",
                          "-c", "fsync=off", "-c", "max_wal_size=4GB", "-c",
                          "extra_float_digits=3", NULL};
    process = start(argv, true);
    for (int i = 0; i < 1500 && !is_up(); i++) usleep(10000);
    check(chdir(here) == 0);
}

void pg_server_restart(int signal) {
    kill(process, signal);
    waitpid(process, NULL, 0);
    start_server();
}

const pg_server *pg_server_see(void) {
    static bool looked;
    if (looked) return process ? &server : NULL;
    looked = true;
    if (!find_programs()) return NULL;
    snprintf(server.folder, sizeof server.folder, "/tmp/atelier-pg-XXXXXX");
    check(mkdtemp(server.folder) != NULL);
    const struct passwd *who = other_user();
    check(!who || chown(server.folder, who->pw_uid, who->pw_gid) == 0);
    snprintf(server.small, sizeof server.small, "%s/small", server.folder);
    char here[4096];
    check(getcwd(here, sizeof here) && chdir(server.folder) == 0 && mkdir("small", 0777) == 0);
    make_cluster();
    check(chdir(here) == 0);
    atexit(stop);
    start_server();
    char mark[96];
    snprintf(mark, sizeof mark, "%s.is", server.small);
    if (access(mark, F_OK) != 0) *server.small = 0;
    snprintf(server.address, sizeof server.address,
             "postgresql:///postgres?host=%s&user=postgres", server.folder);
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    pg_server_ask(&s, "CREATE ROLE guarded LOGIN PASSWORD 's3cret'");
    scope_close(&s);
    return &server;
}
