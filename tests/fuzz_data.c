/* fuzz_data: a thousand inputs of each parser of data and settings, from its corpus. */
#include "check.h"
#include "replay.h"

#define LLVMFuzzerTestOneInput fuzz_json
#include "fuzz/json.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_event
#include "fuzz/event.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_settings
#include "fuzz/settings.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_parquet
#include "fuzz/parquet.c"
#undef LLVMFuzzerTestOneInput

CHECK(json_fuzz_corpus_holds) { replay("json", fuzz_json, 1000, 4); }
CHECK(event_fuzz_corpus_holds) { replay("event", fuzz_event, 1000, 4); }
CHECK(settings_fuzz_corpus_holds) { replay("settings", fuzz_settings, 1000, 7); }
CHECK(parquet_fuzz_corpus_holds) { replay("parquet", fuzz_parquet, 1000, 2); }
