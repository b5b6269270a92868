/* fuzz_csv: a thousand inputs of the CSV reader, from the corpus of tests/fuzz/csv. */
#include "check.h"
#include "fuzz/csv.c"
#include "replay.h"

CHECK(csv_fuzz_corpus_holds) { replay("csv", LLVMFuzzerTestOneInput, 1000, 10); }
