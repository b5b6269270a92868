/* folder: an output folder that appears whole or not at all, with a manifest.
 *
 * Files are written into a hidden sibling; folder_commit hashes them, writes manifest.json, syncs
 * and renames it into place. A reader sees the old folder or the new one, never a half.
 *
 *     folder *f = folder_begin(&s, out, "03_datasets", e);
 *     return f && db_write_parquet(d, "d_sales", folder_path(f, "d_sales.parquet"), e)
 *         && folder_rows(f, "d_sales.parquet", rows)
 *         && folder_commit(f, key, e);
 *
 * The manifest holds, per file, name, rows, bytes and SHA-256, and the key: the hash of all that
 * the content depends on (inputs' manifests, sql, build, options, seed). No time of day in it. */
#ifndef DATA_FOLDER_H
#define DATA_FOLDER_H

#include "base/hash.h"
#include "base/json.h"

typedef struct folder_key {
    hash_text key; /* hash of everything below and of the inputs */
    hash_text sql; /* hash of the SQL files used */
    int64_t seed;
} folder_key;

typedef struct folder {
    scope *owner;
    char *parent, *name; /* final place: parent/name */
    char *temp;          /* where the files are now */
    int n;               /* files of which more is known than their name */
    struct folder_file {
        char *file;
        int64_t rows;  /* -1 = not told */
        hash_text sha; /* "" = not told */
        int64_t bytes;
    } files[256];
    /* Told of every file whose path is asked for; NULL = nobody listens. */
    void (*watch)(void *what, const char *file);
    void *what;
    bool open;
} folder;

/* Makes parent (and its parents) if needed and an empty hidden folder in it; leftovers of a run
 * that was killed are removed. It lives in owner's memory and is abandoned (its files removed) when
 * owner is reset before a commit. NULL when refused. */
folder *folder_begin(scope *owner, const char *parent, const char *name, err *e);
/* Removes the hidden folders and files parent/.name.tmp-* that killed runs left. */
void folder_sweep(const char *parent, const char *name);
char *folder_path(folder *f, const char *file); /* where to write `file` now */
bool folder_rows(folder *f, const char *file, int64_t rows); /* always true, to join with && */
int64_t folder_rows_of(const folder *f, const char *file);   /* -1 when not told */
/* The digest of a finished file: folder_commit need not read it again, and folder_write refuses to
 * write it again, as it may be shared with the folder of the last run. Always true. */
bool folder_known(folder *f, const char *file, const hash_text *sha, int64_t bytes);
/* Names of the files that are there now, sorted; -1 when the folder cannot be read. */
int folder_list(const folder *f, arena *keep, char **names, int most);
bool folder_write(folder *f, const char *file, slice bytes, err *e); /* a whole small file */
bool folder_commit(folder *f, const folder_key *key, err *e);
void folder_abandon(void *f);

/* True when parent/name has a manifest with this key and every file in it has the size and the
 * SHA-256 that the manifest says. `why` (when not NULL) gets a short reason for a no. */
bool folder_fresh(const char *parent, const char *name, const hash_text *key, const char **why);

/* SHA-256 of parent/name/manifest.json: the folder's name in keys of later steps. */
bool folder_hash(const char *parent, const char *name, hash_text *out, err *e);

/* Whole small file into owner's memory; at most `limit` bytes. */
bool file_read(const char *path, scope *owner, size_t limit, slice *out, err *e);
bool file_write(int file, slice bytes); /* all of them, however often it is interrupted */
bool file_exists(const char *path);
bool file_make_folders(const char *path, err *e); /* like mkdir -p */
/* The same file under a second name: a hard link, or a copy where there can be none. Nobody may
 * write into either. */
bool file_link(const char *from, const char *to, err *e);
/* Writes under a temporary name, syncs and renames: whole or not at all. */
bool file_replace(const char *path, slice bytes, err *e);

#endif
