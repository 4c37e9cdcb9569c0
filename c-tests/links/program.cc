// The header and the archive from C++: the requests are plain aggregates.

#include <cstdio>
#include <string>
#include <type_traits>

#include "zova.h"

namespace {

int fail(int line, zova_status status) {
    std::fprintf(stderr, "program.cc:%d: %s\n", line, zova_status_name(status));
    return 1;
}

}  // namespace

#define TRY(call)                                     \
    do {                                              \
        const zova_status tried = (call);             \
        if (tried != ZOVA_OK) {                       \
            return fail(__LINE__, tried);             \
        }                                             \
    } while (0)

static_assert(std::is_standard_layout<zova_object_read_range_request>::value, "a plain aggregate");
static_assert(std::is_trivial<zova_database_open_request>::value, "a plain aggregate");

int main() {
    const std::string bytes(100000, 'c');
    const auto *data = reinterpret_cast<const std::uint8_t *>(bytes.data());
    zova_database *db = nullptr;
    zova_message message = {};
    const zova_database_open_request open = {"program.zova", &db, &message};
    TRY(zova_database_create(&open));

    zova_object_id id = {};
    const zova_object_put_request put = {db, data, bytes.size(), &id};
    TRY(zova_object_put(&put));
    zova_buffer buffer = {};
    const zova_object_get_request get = {db, id, &buffer};
    TRY(zova_object_get(&get));
    if (std::string(reinterpret_cast<const char *>(buffer.data), buffer.len) != bytes) {
        return fail(__LINE__, ZOVA_OBJECT_CORRUPT);
    }
    zova_buffer_free(&buffer);

#if __cplusplus >= 202002L
    const zova_database_exec_request exec = {.db = db, .sql = "create table t(x); insert into t values (42)"};
#else
    const zova_database_exec_request exec = {db, "create table t(x); insert into t values (42)"};
#endif
    TRY(zova_database_exec(&exec));
    zova_statement *statement = nullptr;
    const zova_database_prepare_request prepare = {db, "select x from t", &statement};
    TRY(zova_database_prepare(&prepare));
    zova_step_result result = ZOVA_STEP_DONE;
    const zova_statement_step_request step = {statement, &result};
    TRY(zova_statement_step(&step));
    std::int64_t value = 0;
    const zova_statement_column_int64_request column = {statement, 0, &value};
    TRY(zova_statement_column_int64(&column));
    if (result != ZOVA_STEP_ROW || value != 42) {
        return fail(__LINE__, ZOVA_SQLITE_ERROR);
    }
    TRY(zova_statement_finalize(statement));
    TRY(zova_database_close(db));
    return 0;
}
