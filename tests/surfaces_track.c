/* track: kept runs on a tracking server, read back (tracking.py). */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/folder.h"

static void run_script(const char *where, const char *server) {
    err e = {0};
    scope s;
    check_ok(scope_open(&s, (size_t)16 << 20, 0, &e), &e);
    check_run r = check_command(&s, (const char *[]){"python3", "tests/tracking.py",
                                                     check_program(), where, server, NULL});
    if (r.status != 0) print_error("%.*s", (int)r.err.n, r.err.p);
    check(r.status == 0);
    check_text(r.out, "ok\n");
    scope_close(&s);
}

CHECK(track_sends_each_run_once_whatever_fails_on_the_way) {
    run_script(check_folder("track"), NULL);
}

CHECK(track_is_read_back_from_a_real_server) {
    if (!file_exists("build/mlflow/bin/mlflow")) skip("no build/mlflow: tools/setup.sh --dev");
    run_script(check_folder("track-real"), "build/mlflow/bin/mlflow");
}
