/* abi.md, sections 1.2 and 3. */
#include "check.h"

#include <limits.h>

#include "status_table.h"

static void the_versions_are_those_of_the_interface(void) {
    CHECK_INT(0, zova_abi_version_major());
    CHECK_INT(21, zova_abi_version_minor());
    CHECK_INT(0, zova_abi_version_patch());
    CHECK_TEXT("0.21.0", zova_abi_version_string());
    CHECK_INT(zova_abi_version_major(), ZOVA_VERSION_MAJOR);
    CHECK_INT(zova_abi_version_minor(), ZOVA_VERSION_MINOR);
    CHECK_INT(zova_abi_version_patch(), ZOVA_VERSION_PATCH);
}

static const char *described(int value) {
    switch (value) {
#define NAME(constant, number) \
    case number:               \
        return #constant;
        STATUSES(NAME)
#undef NAME
    default:
        return "ZOVA_UNKNOWN_STATUS";
    }
}

static void every_integer_has_a_status_name(void) {
    static const int EXTREMES[] = {INT_MIN, INT_MIN + 1, -1000000, 65536, 1 << 24, INT_MAX - 1, INT_MAX};
    size_t at;
    int value;
    for (value = -1000; value <= 1000; value++) {
        check_about("status %d", value);
        CHECK_TEXT(described(value), zova_status_name((zova_status)value));
    }
    for (at = 0; at < sizeof EXTREMES / sizeof *EXTREMES; at++) {
        check_about("status %d", EXTREMES[at]);
        CHECK_TEXT("ZOVA_UNKNOWN_STATUS", zova_status_name((zova_status)EXTREMES[at]));
    }
}

CHECK_MAIN(CASE(the_versions_are_those_of_the_interface), CASE(every_integer_has_a_status_name))
