/* plan: the story of the ten steps holds together. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "pipeline/plan.h"

/* True when `word` is one of the space-separated words of the list. */
static bool has_word(const char *list, slice word) {
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, " ");
        if (n == word.n && memcmp(at, word.p, n) == 0) return true;
        at += n + (at[n] == ' ');
    }
    return false;
}

CHECK(plan_reads_only_what_earlier_steps_wrote) {
    for (int i = 0; i < 10; i++)
        for (const char *at = plan[i]->reads; *at;) {
            size_t n = strcspn(at, " ");
            bool written = false;
            for (int j = 0; j < i; j++)
                written = written || has_word(plan[j]->writes, (slice){at, n});
            if (n > 0 && !written)
                print_error("%s reads %.*s, which no earlier step writes\n", plan[i]->word, (int)n,
                            at);
            check(n == 0 || written);
            at += n + (at[n] == ' ');
        }
}

CHECK(plan_names_match_the_sql_folders) {
    for (int i = 0; i < embed_count; i++) {
        const char *path = embed_files[i].path;
        if (strncmp(path, "sql/", 4) != 0 || !strchr(path + 4, '/')) continue;
        bool known = false;
        for (int k = 0; k < 10; k++) {
            char folder_name[64];
            snprintf(folder_name, sizeof folder_name, "sql/%s_%s/", plan[k]->number, plan[k]->word);
            known = known || strncmp(path, folder_name, strlen(folder_name)) == 0;
        }
        if (!known) print_error("%s belongs to no step\n", path);
        check(known);
    }
}

CHECK(plan_finds_steps_by_word_and_number) {
    int at;
    err e = {0};
    check(plan_find("datasets", &at, &e) && at == 2 && plan_find("03", &at, &e) && at == 2);
    check(plan_find("10", &at, &e) && at == 9 && !plan_find("0", &at, &e));
    check(e.kind == ERR_ASKED_WRONG);
}
