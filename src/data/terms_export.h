/* terms_export: the contract of a source, types and terms together, in three other languages.
 *
 * ODCS: Open Data Contract Standard v3.1 (YAML). JSON Schema: draft 2020-12, of one row as an
 * object. PostgreSQL: CREATE TABLE with CHECK, NOT NULL, UNIQUE and FOREIGN KEY constraints,
 * foreign keys after all tables. Columns carry the contract's names, not the file's headers. What a
 * language cannot say (thresholds in JSON Schema, drift) is left out there. */
#ifndef DATA_TERMS_EXPORT_H
#define DATA_TERMS_EXPORT_H

#include "data/terms.h"

/* t may be NULL: a source without a contract of the shop's own. */
void terms_odcs(text *to, const contract *c, const terms *t);
void terms_json_schema(scope *s, text *to, const contract *c, const terms *t);

/* All six sources; has[i] tells which are written. */
void terms_postgresql(scope *s, text *to, const terms *const all[6], const bool has[6]);

#endif
