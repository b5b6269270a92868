/* csv_cells: numbers against the C library's own reading of them, dates against the calendar. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/csv_cells.h"

CHECK(cells_read_numbers_as_the_c_library_does) {
    rng r = rng_open(7, 1);
    for (int i = 0; i < 200000; i++) {
        char s[64];
        double got = -1;
        int digits = (int)rng_below(&r, 20);
        snprintf(s, sizeof s, i % 3 ? "%.*f" : "%.*e", digits,
                 (rng_uniform(&r) - 0.5) * (i % 7 ? 1 : 1e9));
        check(cell_real(slice_of(s), &got) == CELL_VALUE);
        if (got != strtod(s, NULL)) print_error("%s\n", s);
        check(got == strtod(s, NULL)); /* correctly rounded both: the same double */
    }
    for (int power = -40; power <= 40; power++) { /* around the largest exact powers of ten */
        char s[64];
        double got = -1;
        snprintf(s, sizeof s, "9007199254740991e%d", power);
        check(cell_real(slice_of(s), &got) == CELL_VALUE && got == strtod(s, NULL));
    }
    static const char *const bad[] = {"+",   "-",  ".",   "e5",   "1e",     "1e+",  "--1",
                                      "1 2", "1_", "0x1", "1e1.", "1e123456", "inf", "1,0"};
    double got;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check(cell_real(slice_of(bad[i]), &got) == CELL_BAD);
    check(cell_real(SLICE("1e400"), &got) == CELL_TOO_LARGE);
    check(cell_real(SLICE("00000000000000000000000012.5"), &got) == CELL_VALUE && got == 12.5);
    check(cell_real(SLICE("12345678901234567890123"), &got) == CELL_VALUE &&
          got == 12345678901234567890123.0);
}

/* Up to 19 digits behind the point are divided, not handed to the library, which judges. */
CHECK(cells_read_long_fractions_as_the_library_does) {
    rng r = rng_open(11, 1);
    int wrong = 0;
    for (int i = 0; i < 200000; i++) {
        char text_of[64];
        uint64_t digits = rng_u64(&r) >> rng_below(&r, 60);
        int n = snprintf(text_of, sizeof text_of, "%llu", (unsigned long long)digits);
        if (n > 19) continue;
        int behind = 1 + (int)rng_below(&r, 19);
        snprintf(text_of, sizeof text_of, "%s0.%0*llu", i % 2 ? "-" : "", behind < n ? n : behind,
                 (unsigned long long)digits);
        double got;
        if (cell_real(slice_of(text_of), &got) != CELL_VALUE) got = NAN;
        wrong += got != strtod(text_of, NULL);
        if (wrong) print_error("%s is read as %.17g\n", text_of, got);
        check(wrong == 0);
    }
    /* Halfway between two doubles: the even one; the last is 5e-20 above halfway. */
    static const char *const ties[] = {"4503599627370496.5", "4503599627370497.5",
                                       "4503599627370498.50", "2251799813685248.25",
                                       "2251799813685248.75", "1125899906842624.375",
                                       "0.5000000000000000556"};
    for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++) {
        double got;
        check(cell_real(slice_of(ties[i]), &got) == CELL_VALUE && got == strtod(ties[i], NULL));
    }
}

CHECK(cells_read_whole_numbers_to_the_last_one) {
    int64_t got;
    check(cell_int(SLICE("9223372036854775807"), &got) == CELL_VALUE && got == INT64_MAX);
    check(cell_int(SLICE("-9223372036854775808"), &got) == CELL_VALUE && got == INT64_MIN);
    check(cell_int(SLICE("9223372036854775808"), &got) == CELL_TOO_LARGE);
    check(cell_int(SLICE(" -7.000 "), &got) == CELL_VALUE && got == -7);
    check(cell_int(SLICE("7.5"), &got) == CELL_BAD && cell_int(SLICE(".0"), &got) == CELL_BAD);
    check(cell_int(SLICE("NaN"), &got) == CELL_NULL && cell_int(SLICE("1e3"), &got) == CELL_BAD);
}

CHECK(cells_read_every_day_of_three_centuries) {
    char s[40];
    int32_t got;
    for (int32_t day = day_of(1900, 1, 1); day <= day_of(2199, 12, 31); day++) {
        int y, m, d;
        day_split(day, &y, &m, &d);
        snprintf(s, sizeof s, "%04d-%02d-%02d", y, m, d);
        check(cell_day(slice_of(s), &got) == CELL_VALUE && got == day);
        snprintf(s, sizeof s, "%04d%02d%02d", y, m, d);
        check(cell_day(slice_of(s), &got) == CELL_VALUE && got == day);
    }
    /* An hour before 1970 in UTC, and across midnight by the offset. */
    check(cell_day(SLICE("1969-12-31T23:00:00Z"), &got) == CELL_VALUE && got == -1);
    check(cell_day(SLICE("2020-03-01 00:30+01:00"), &got) == CELL_VALUE &&
          got == day_of(2020, 2, 29));
    check(cell_day(SLICE("2200-01-01"), &got) == CELL_BAD);
    check(cell_day(SLICE("1900-02-29"), &got) == CELL_BAD);
    check(cell_day(SLICE("2000-02-29"), &got) == CELL_VALUE);
}
