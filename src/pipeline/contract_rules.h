/* contract_rules: the terms of a shop's contracts (terms.h) held against its rows, in step 02.
 *
 * Before anything else is made of the raw tables, cells that may be emptied or clamped are: the
 * raw tables that the step reads are then changed copies, and each change is a row of
 * contract_changes (src_file, src_line, rule, column_name, observed, became). After the rules of
 * the program, rows that break a term go to quarantine_clean under contract_TERM_COLUMN.
 * contract_findings has a row per rule: source, column_name, rule, on_bad, rows, bad, share,
 * severity, expected, path; rows and bad count before the rules of the program took any away.
 * Severity: ok, warn or fail by the contract's thresholds; one bad row of on_bad: fail fails. */
#ifndef PIPELINE_CONTRACT_RULES_H
#define PIPELINE_CONTRACT_RULES_H

#include "data/terms.h"
#include "pipeline/work.h"

typedef struct contract_rules contract_rules;

/* Reads the contracts of w->shop. Refuses a pattern that is no regular expression, with file and
 * line. NULL when refused. */
contract_rules *contract_rules_open(const work *w, scope *s, err *e);

/* SHA-256 of the contracts' files: all that the rules depend on beside the rows. */
slice contract_rules_key(const contract_rules *r);

/* True when cells may be emptied or clamped: then contract_rules_find comes before all else. */
bool contract_rules_change_cells(const contract_rules *r);

/* Makes both tables, fills them, changes cells. */
bool contract_rules_find(const work *w, contract_rules *r, err *e);

/* Enters rows into quarantine_clean, their rules into clean_rules from `place` on. */
bool contract_rules_judge(const work *w, contract_rules *r, int place, err *e);

/* Says what was found; refuses (exit 1) when a finding is a fail, unless w->lenient. */
bool contract_rules_close(const work *w, contract_rules *r, scope *s, err *e);

#endif
