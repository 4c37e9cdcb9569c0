/* The recipes of extensions; included by recipes.h. */
#ifndef RECIPES_EXTENSIONS_H
#define RECIPES_EXTENSIONS_H

/* ---- extensions ---- */

/* The bundled extension is installed. */
static void an_extension(scene *s) {
    zova_database_extension_request request = {NULL, "trgm"};
    zova_status status;
    request.db = s->db;
    status = zova_database_extension_install(&request);
    CHECK(status == ZOVA_OK || status == ZOVA_EXTENSION_EXISTS);
}

static void valid_zova_database_extension_install(scene *s, zova_database_extension_request *request) {
    zova_database_extension_request installed = {NULL, "trgm"};
    installed.db = s->db;
    (void)zova_database_extension_drop(&installed);
    request->name = "trgm";
}

static void valid_zova_database_extension_list(scene *s, zova_database_extension_list_request *request) {
    an_extension(s);
    (void)request;
}

static zova_status fault_zova_database_extension_list(scene *s, zova_database_extension_list_request *request) {
    (void)request;
    CHECK_OK(s->db, exec(s->db, "insert into _zova_extensions values ('x', '', '', '', '', 1, 0, '')"));
    return ZOVA_EXTENSION_INVALID;
}

static void valid_zova_database_extension_info(scene *s, zova_database_extension_info_request *request) {
    an_extension(s);
    request->name = "trgm";
}

static zova_status fault_zova_database_extension_info(scene *s, zova_database_extension_info_request *request) {
    (void)s;
    request->name = "absent";
    return ZOVA_EXTENSION_NOT_FOUND;
}

static void valid_zova_database_extension_check(scene *s, zova_database_extension_request *request) {
    an_extension(s);
    request->name = "trgm";
}

static void valid_zova_database_extension_check_all(scene *s, zova_database_simple_request *request) {
    an_extension(s);
    (void)request;
}

static void valid_zova_database_extension_drop(scene *s, zova_database_extension_request *request) {
    an_extension(s);
    request->name = "trgm";
}

static void fill_zova_extension_info(scene *s, zova_extension_info *filled) {
    zova_database_extension_info_request request = {NULL, "trgm", NULL};
    an_extension(s);
    request.db = s->db;
    request.out_info = filled;
    CHECK_OK(s->db, zova_database_extension_info(&request));
}

static void fill_zova_extension_list(scene *s, zova_extension_list *filled) {
    zova_database_extension_list_request request;
    an_extension(s);
    request.db = s->db;
    request.out_list = filled;
    CHECK_OK(s->db, zova_database_extension_list(&request));
}

#endif
