/* settings: any bytes as a contract of a shop or as its atelier.yaml: refused with file and line,
 * or terms that can be written as ODCS, JSON Schema and SQL.
 *
 * The first byte says which: the contract of a source (0 to 5) or atelier.yaml (6), modulo 7. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "data/config.h"
#include "data/terms_export.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static char settings_shop[64];

static void settings_sweep(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", settings_shop);
    if (system(command) != 0) fprintf(stderr, "%s stays\n", settings_shop);
}

/* A shop's folder of this process, without a file. */
static void settings_folder(void) {
    char contracts[96];
    if (settings_shop[0]) return;
    strcpy(settings_shop, "/tmp/atelier-fuzz-XXXXXX");
    if (!mkdtemp(settings_shop)) abort();
    snprintf(contracts, sizeof contracts, "%s/contracts", settings_shop);
    if (mkdir(contracts, 0777) != 0) abort();
    atexit(settings_sweep);
}

static void settings_export(scope *s, const terms *const all[6]) {
    err e = {0};
    bool has[6];
    text *to = take(&s->keep, text, 1);
    text_open(to, s);
    for (int i = 0; i < 6; i++) {
        has[i] = all[i] != NULL;
        if (!all[i]) continue;
        terms_odcs(to, all[i]->source, all[i]);
        text_clear(to);
        terms_json_schema(s, to, all[i]->source, all[i]);
        if (!js_parse(s, text_slice(to), &e)) abort();
        text_clear(to);
    }
    terms_postgresql(s, to, all, has);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    scope s;
    err e = {0};
    char path[160];
    const terms *all[6];
    if (n == 0) return 0;
    int which = bytes[0] % 7;
    settings_folder();
    if (which == 6) snprintf(path, sizeof path, "%s/atelier.yaml", settings_shop);
    else
        snprintf(path, sizeof path, "%s/contracts/%s.yaml", settings_shop,
                 contract_sources[which].source);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes + 1, 1, n - 1, f) != n - 1 || fclose(f) != 0) abort();
    if (!scope_open(&s, (size_t)16 << 20, (size_t)1 << 20, &e)) abort();
    config *c = take(&s.keep, config, 1);
    bool done = which == 6 ? config_read(&s, settings_shop, c, &e)
                           : terms_read(&s, settings_shop, all, &e);
    if (!done && (e.kind != ERR_ASKED_WRONG || !strstr(e.text, path))) abort();
    if (done && which < 6) settings_export(&s, (const terms *const *)all);
    scope_close(&s);
    unlink(path);
    return 0;
}
