/* embed: writes a C file with the bytes of the given files, a table sorted by path and the name
 * of the build.
 *
 *     embed OUT.c BUILD ROOT FILE...      (FILE as ROOT/path; the table holds path)
 *     ROOT may be given again as -C ROOT PREFIX for the files that follow */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char path[1024], file[1024];
} entry;

static int by_path(const void *a, const void *b) {
    return strcmp(((const entry *)a)->path, ((const entry *)b)->path);
}

static long write_bytes(FILE *out, const char *file, int index) {
    FILE *in = fopen(file, "rb");
    if (!in) {
        perror(file);
        exit(1);
    }
    fprintf(out, "static const _Alignas(64) unsigned char file_%d[] = {", index);
    long n = 0;
    for (int c; (c = fgetc(in)) != EOF; n++) fprintf(out, "%s%d,", n % 24 ? "" : "\n", c);
    fprintf(out, "0};\n");
    fclose(in);
    return n;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: embed OUT.c BUILD [-C ROOT PREFIX FILE...]...\n");
        return 2;
    }
    entry *all = calloc((size_t)argc, sizeof *all);
    long *sizes = calloc((size_t)argc, sizeof *sizes);
    FILE *out = fopen(argv[1], "w");
    if (!all || !sizes || !out) {
        perror(argv[1]);
        return 1;
    }
    const char *root = "", *prefix = "";
    int n = 0;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "-C") == 0 && i + 2 < argc) {
            root = argv[++i];
            prefix = argv[++i];
            continue;
        }
        const char *inside = argv[i] + strlen(root);
        while (*inside == '/') inside++;
        snprintf(all[n].path, sizeof all[n].path, "%s/%s", prefix, inside);
        snprintf(all[n++].file, sizeof all[0].file, "%s", argv[i]);
    }
    qsort(all, (size_t)n, sizeof *all, by_path);
    fprintf(out, "/* Written by tools/embed.c; do not edit. */\n#include \"base/embed.h\"\n\n");
    for (int i = 0; i < n; i++) sizes[i] = write_bytes(out, all[i].file, i);
    fprintf(out, "const embed_file embed_files[] = {\n");
    for (int i = 0; i < n; i++)
        fprintf(out, "    {\"%s\", file_%d, %ld},\n", all[i].path, i, sizes[i]);
    fprintf(out, "    {0, 0, 0}};\nconst int embed_count = %d;\n", n);
    fprintf(out, "const char embed_build[] = \"%s\";\n", argv[2]);
    return fclose(out) == 0 ? 0 : 1;
}
