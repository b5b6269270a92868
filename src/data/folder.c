/* folder: an output folder that appears whole or not at all, with a manifest. */
#include "data/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"

static const size_t manifest_limit = (size_t)16 << 20;

bool file_exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_make_folders(const char *path, err *e) {
    char part[4096];
    if (strlen(path) >= sizeof part) return refuse(e, "the path is too long: %.80s…", path);
    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1;; p++) {
        if (*p != '/' && *p != 0) continue;
        char held = *p;
        *p = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return fail_file(e, "create folder", part);
        if (held == 0) break;
        *p = held;
    }
    struct stat st;
    if (stat(path, &st) != 0) return fail_file(e, "create folder", path);
    return S_ISDIR(st.st_mode) || refuse(e, "%s is not a folder", path);
}

bool file_write(int file, slice bytes) {
    while (bytes.n > 0) {
        ssize_t n = write(file, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes = (slice){bytes.p + n, bytes.n - (size_t)n};
    }
    return true;
}

static bool write_synced(const char *path, slice bytes, err *e) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return fail_file(e, "create", path);
    bool done = file_write(file, bytes) && fsync(file) == 0;
    if (!done) fail_file(e, "write", path);
    if (close(file) != 0 && done) done = fail_file(e, "write", path);
    return done;
}

bool file_replace(const char *path, slice bytes, err *e) {
    char temp[4200];
    snprintf(temp, sizeof temp, "%s.tmp-%d", path, (int)getpid());
    if (!write_synced(temp, bytes, e)) {
        unlink(temp);
        return false;
    }
    if (rename(temp, path) == 0) return true;
    fail_file(e, "rename", path);
    unlink(temp);
    return false;
}

/* All bytes from one open file to another. */
static bool copy_bytes(int from, int to) {
    char bytes[1 << 16];
    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n == 0;
        if (!file_write(to, (slice){bytes, (size_t)n})) return false;
    }
}

bool file_link(const char *from, const char *to, err *e) {
    if (link(from, to) == 0) return true;
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0) return fail_file(e, "open", from);
    int copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool done = copy >= 0 && copy_bytes(source, copy);
    if (!done) fail_file(e, "write", to);
    if (copy >= 0 && close(copy) != 0 && done) done = fail_file(e, "write", to);
    close(source);
    return done;
}

bool file_read(const char *path, scope *owner, size_t limit, slice *out, err *e) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_file(e, "open", path);
    struct stat st;
    bool done = fstat(file, &st) == 0 || fail_file(e, "read", path);
    if (done && !S_ISREG(st.st_mode)) done = refuse(e, "%s is not a file", path);
    if (done && (size_t)st.st_size > limit)
        done = refuse(e, "%s has %lld bytes; at most %zu are read here", path,
                      (long long)st.st_size, limit);
    if (done && (size_t)st.st_size + 64 > arena_left(&owner->keep))
        done = fail(e, "%s: %lld bytes do not fit the budget", path, (long long)st.st_size);
    char *bytes = done ? take(&owner->keep, char, st.st_size + 1) : NULL;
    size_t n = 0;
    while (done && n < (size_t)st.st_size) {
        ssize_t got = read(file, bytes + n, (size_t)st.st_size - n);
        if (got < 0) done = fail_file(e, "read", path);
        if (got <= 0) break;
        n += (size_t)got;
    }
    close(file);
    *out = (slice){bytes, n};
    return done;
}

/* Removes a folder of plain files and folders of ours; links are removed, not followed. */
static void remove_tree(const char *path) {
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char inside[4400];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (unlink(inside) != 0 && (errno == EISDIR || errno == EPERM)) remove_tree(inside);
    }
    if (dir) closedir(dir);
    rmdir(path);
}

void folder_sweep(const char *parent, const char *name) {
    char prefix[300];
    snprintf(prefix, sizeof prefix, ".%s.tmp-", name);
    DIR *dir = opendir(parent);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
        char path[4400];
        snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
        if (unlink(path) != 0) remove_tree(path);
    }
    if (dir) closedir(dir);
}

folder *folder_begin(scope *owner, const char *parent, const char *name, err *e) {
    folder *f = take(&owner->keep, folder, 1);
    f->owner = owner;
    f->parent = arena_text(&owner->keep, "%s", parent);
    f->name = arena_text(&owner->keep, "%s", name);
    f->temp = arena_text(&owner->keep, "%s/.%s.tmp-%d", parent, name, (int)getpid());
    if (!file_make_folders(parent, e)) return NULL;
    folder_sweep(parent, name);
    if (mkdir(f->temp, 0777) != 0) {
        fail_file(e, "create folder", f->temp);
        return NULL;
    }
    f->open = true;
    scope_defer(owner, folder_abandon, f);
    return f;
}

void folder_abandon(void *what) {
    folder *f = what;
    if (f->open) remove_tree(f->temp);
    f->open = false;
}

static char *path_in(const folder *f, const char *file) {
    return arena_text(&f->owner->keep, "%s/%s", f->temp, file);
}

char *folder_path(folder *f, const char *file) {
    if (f->watch) f->watch(f->what, file);
    return path_in(f, file);
}

static const struct folder_file *known(const folder *f, const char *file) {
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->files[i].file, file) == 0) return &f->files[i];
    return NULL;
}

/* Where to note something about a file; NULL when there are too many. */
static struct folder_file *note(folder *f, const char *file) {
    const struct folder_file *there = known(f, file);
    if (there) return &f->files[there - f->files];
    if (f->n == (int)(sizeof f->files / sizeof f->files[0])) return NULL;
    f->files[f->n] = (struct folder_file){arena_text(&f->owner->keep, "%s", file), -1, {{0}}, 0};
    return &f->files[f->n++];
}

bool folder_rows(folder *f, const char *file, int64_t rows) {
    struct folder_file *to = note(f, file);
    if (to) to->rows = rows;
    return true;
}

int64_t folder_rows_of(const folder *f, const char *file) {
    const struct folder_file *of = known(f, file);
    return of ? of->rows : -1;
}

bool folder_known(folder *f, const char *file, const hash_text *sha, int64_t bytes) {
    struct folder_file *to = note(f, file);
    if (to) to->sha = *sha, to->bytes = bytes;
    return true;
}

bool folder_write(folder *f, const char *file, slice bytes, err *e) {
    const struct folder_file *there = known(f, file);
    if (there && there->sha.hex[0]) return fail(e, "%s was written already", file);
    return write_synced(folder_path(f, file), bytes, e);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the files in a folder, sorted; -1 when it cannot be read. */
static int list_files(const char *path, arena *keep, char **names, int most) {
    DIR *dir = opendir(path);
    if (!dir) return -1;
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL && n < most;)
        if (entry->d_name[0] != '.') names[n++] = arena_text(keep, "%s", entry->d_name);
    closedir(dir);
    qsort(names, (size_t)n, sizeof *names, by_name);
    return n;
}

int folder_list(const folder *f, arena *keep, char **names, int most) {
    return list_files(f->temp, keep, names, most);
}

static bool sync_path(const char *path, err *e) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_file(e, "open", path);
    bool done = fsync(file) == 0 || fail_file(e, "sync", path);
    close(file);
    return done;
}

static bool describe_file(folder *f, js *j, const char *file, err *e) {
    const struct folder_file *of = known(f, file);
    hash_text sha = of ? of->sha : (hash_text){{0}};
    int64_t bytes = of ? of->bytes : 0;
    const char *path = path_in(f, file);
    if (!sync_path(path, e) || (!sha.hex[0] && !hash_file(path, &sha, &bytes, e))) return false;
    js_object(j, NULL);
    js_put_word(j, "name", file);
    if (of && of->rows >= 0) js_put_int(j, "rows", of->rows);
    js_put_int(j, "bytes", bytes);
    js_put_word(j, "sha256", sha.hex);
    js_end(j);
    return true;
}

static bool write_manifest(folder *f, const folder_key *key, err *e) {
    enum { MOST = 4096 };
    scope s;
    if (!scope_open(&s, 8 << 20, 0, e)) return false;
    char **names = take(&s.keep, char *, MOST);
    int n = list_files(f->temp, &s.keep, names, MOST);
    js j;
    js_open(&j, &s);
    j.indent = true;
    js_object(&j, NULL);
    js_put_word(&j, "schema", "atelier.manifest/1");
    js_put_word(&j, "folder", f->name);
    js_put_word(&j, "key", key->key.hex);
    js_put_word(&j, "build", embed_build);
    js_put_word(&j, "sql", key->sql.hex);
    js_put_int(&j, "seed", key->seed);
    js_array(&j, "files");
    bool done = n >= 0 || fail_file(e, "read folder", f->temp);
    for (int i = 0; i < n && done; i++) done = describe_file(f, &j, names[i], e);
    js_end(&j);
    js_end(&j);
    text_add_char(&j.out, '\n');
    done = done && folder_write(f, "manifest.json", text_slice(&j.out), e) && sync_path(f->temp, e);
    scope_close(&s);
    return done;
}

bool folder_commit(folder *f, const folder_key *key, err *e) {
    if (!write_manifest(f, key, e)) return false;
    char *final = arena_text(&f->owner->keep, "%s/%s", f->parent, f->name);
    if (file_exists(final)) {
        /* After the exchange the hidden name holds the old folder; removing it is tidying up. */
        if (renameat2(AT_FDCWD, f->temp, AT_FDCWD, final, RENAME_EXCHANGE) != 0)
            return fail_file(e, "exchange", final);
        remove_tree(f->temp);
    } else if (rename(f->temp, final) != 0) {
        return fail_file(e, "rename", final);
    }
    f->open = false;
    return sync_path(f->parent, e);
}

static bool file_matches(const char *base, const js_node *file) {
    slice name, sha;
    int64_t bytes, found;
    hash_text is;
    err ignored = {0};
    char path[4400];
    if (!js_text(js_get(file, "name"), &name) || !js_text(js_get(file, "sha256"), &sha) ||
        !js_int(js_get(file, "bytes"), &bytes))
        return false;
    snprintf(path, sizeof path, "%s/%.*s", base, (int)name.n, name.p);
    return hash_file(path, &is, &found, &ignored) && found == bytes && slice_is(sha, is.hex);
}

bool folder_fresh(const char *parent, const char *name, const hash_text *key, const char **why) {
    scope s;
    slice bytes, said;
    err ignored = {0};
    const char *reason = "never made";
    char base[4300], path[4400];
    snprintf(base, sizeof base, "%s/%s", parent, name);
    snprintf(path, sizeof path, "%s/manifest.json", base);
    bool fresh = false;
    if (scope_open(&s, manifest_limit + (1 << 20), 0, &ignored)) {
        const js_node *root = file_exists(path) &&
                                      file_read(path, &s, manifest_limit, &bytes, &ignored)
                                  ? js_parse(&s, bytes, &ignored)
                                  : NULL;
        if (root) reason = "its inputs or the program changed";
        fresh = js_text(js_get(root, "key"), &said) && slice_is(said, key->hex);
        const js_node *files = js_get(root, "files");
        for (int64_t i = 0; fresh && i < js_count(files); i++)
            if (!file_matches(base, js_at(files, i))) {
                fresh = false;
                reason = "a file in it was damaged";
            }
        scope_close(&s);
    }
    if (why) *why = fresh ? "unchanged" : reason;
    return fresh;
}

bool folder_hash(const char *parent, const char *name, hash_text *out, err *e) {
    char path[4400];
    snprintf(path, sizeof path, "%s/%s/manifest.json", parent, name);
    return hash_file(path, out, NULL, e);
}
