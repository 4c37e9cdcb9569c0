/* quickstart.c: the first Zova program. It stores a note in a table and the note's text as an object, then
 * reads every note back. Run it twice: notes.zova is created the first time and opened the second time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zova.h"

static zova_database *db;

/* Ends the program with the library's own explanation unless the call succeeded. */
static void check(zova_status status, const char *what)
{
    if (status == ZOVA_OK) return;
    fprintf(stderr, "%s failed with %s: %s\n", what, zova_status_name(status), zova_database_last_error_message(db));
    exit(EXIT_FAILURE);
}

/* Runs a statement to its next row, or to its end. */
static zova_step_result step(zova_statement *statement)
{
    zova_step_result result = ZOVA_STEP_DONE;
    zova_statement_step_request request = {.statement = statement, .out_result = &result};
    check(zova_statement_step(&request), "step");
    return result;
}

int main(void)
{
    /* Create the file, or open it if it is there. Without a handle the explanation comes in a message. */
    zova_message why = {0};
    zova_database_open_request file = {.path = "notes.zova", .out_db = &db, .out_error_message = &why};
    zova_status status = zova_database_create(&file);
    if (status == ZOVA_DESTINATION_EXISTS) status = zova_database_open(&file);
    if (status != ZOVA_OK) fprintf(stderr, "%s\n", why.data ? why.data : zova_status_name(status));
    zova_message_free(&why);
    if (status != ZOVA_OK) return EXIT_FAILURE;

    zova_database_exec_request schema = {
        .db = db, .sql = "create table if not exists notes(id integer primary key, title text not null,"
                         " body_id blob not null check (length(body_id) = 32))"};
    check(zova_database_exec(&schema), "create table");

    /* One transaction: the object and the row that names it are stored together or not at all. */
    zova_database_simple_request on_db = {.db = db};
    check(zova_database_begin(&on_db), "begin");

    const char *title = "Shopping", *body = "Bread, olives, and something for the cat.";
    zova_object_id id;
    zova_object_put_request put = {.db = db, .data = (const uint8_t *)body, .len = strlen(body), .out_id = &id};
    check(zova_object_put(&put), "put object");

    zova_statement *insert;
    zova_database_prepare_request prepare_insert = {
        .db = db, .sql = "insert into notes(title, body_id) values (?1, ?2)", .out_statement = &insert};
    check(zova_database_prepare(&prepare_insert), "prepare insert");
    zova_statement_bind_text_request bind_title = {insert, 1, (const uint8_t *)title, strlen(title)};
    check(zova_statement_bind_text(&bind_title), "bind title");
    zova_statement_bind_blob_request bind_id = {insert, 2, id.bytes, sizeof id.bytes};
    check(zova_statement_bind_blob(&bind_id), "bind object id");
    step(insert);
    check(zova_statement_finalize(insert), "finalize insert");

    check(zova_database_commit(&on_db), "commit");

    /* Read every note back, with the text its object holds. */
    zova_statement *notes;
    zova_database_prepare_request prepare_select = {
        .db = db, .sql = "select id, title, body_id from notes order by id", .out_statement = &notes};
    check(zova_database_prepare(&prepare_select), "prepare select");
    while (step(notes) == ZOVA_STEP_ROW) {
        int64_t number;
        zova_text heading = {0};
        zova_buffer key = {0}, text = {0};
        check(zova_statement_column_int64(&(zova_statement_column_int64_request){notes, 0, &number}), "id");
        check(zova_statement_column_text(&(zova_statement_column_text_request){notes, 1, &heading}), "title");
        check(zova_statement_column_blob(&(zova_statement_column_blob_request){notes, 2, &key}), "object id");

        zova_object_get_request get = {.db = db, .out_buffer = &text};
        memcpy(get.id.bytes, key.data, sizeof get.id.bytes);
        check(zova_object_get(&get), "get object"); /* verified against its SHA-256 */
        printf("note %" PRId64 ", %s: %.*s\n", number, heading.data, (int)text.len, (const char *)text.data);

        /* What the library returned, its free functions release. */
        zova_text_free(&heading);
        zova_buffer_free(&key);
        zova_buffer_free(&text);
    }
    check(zova_statement_finalize(notes), "finalize select");
    check(zova_database_close(db), "close");
    return EXIT_SUCCESS;
}
