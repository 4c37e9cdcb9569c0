/*
 * Recipes of the functions for bundles and registries.
 */
#ifndef SWEEP_REGISTRIES_H
#define SWEEP_REGISTRIES_H

static const char *const SWEEP_BUNDLES[] = {"sweep.zovaext"};

/* Once per test: a trusted bundle. */
static void need_bundle(void) {
    struct stat info;
    if (stat("sweep.zovaext", &info) != 0) {
        make_trusted_bundle("sweep.zovaext");
    }
}

static void *open_zova_extension_registry(scene *s) {
    zova_extension_registry *registry = NULL;
    zova_extension_registry_create_request request = {&registry, NULL};
    (void)s;
    CHECK_OK(NULL, zova_extension_registry_create(&request));
    return registry;
}

static zova_status end_zova_extension_registry(void *handle) { return zova_extension_registry_free(handle); }

static void valid_bundle(zova_extension_bundle_request *request) {
    need_bundle();
    request->bundle_path = "sweep.zovaext";
    request->trust_store_path = "trust.json";
}

static void valid_zova_extension_bundle_trust(scene *s, zova_extension_bundle_request *request) {
    (void)s;
    /* Without a path, the list is where the environment says. */
    CHECK(setenv("ZOVA_TRUST_STORE", "trust.json", 1) == 0);
    valid_bundle(request);
}

static zova_status fault_zova_extension_bundle_trust(scene *s, zova_extension_bundle_request *request) {
    (void)s;
    request->bundle_path = "absent.zovaext";
    return ZOVA_CANT_OPEN;
}

static void valid_zova_extension_bundle_verify(scene *s, zova_extension_bundle_request *request) {
    valid_zova_extension_bundle_trust(s, request);
}

static zova_status fault_zova_extension_bundle_verify(scene *s, zova_extension_bundle_request *request) {
    (void)s;
    request->trust_store_path = "empty.json";
    return ZOVA_EXTENSION_UNTRUSTED;
}

static void valid_zova_extension_bundle_untrust(scene *s, zova_extension_bundle_untrust_request *request) {
    (void)s;
    CHECK(setenv("ZOVA_TRUST_STORE", "trust.json", 1) == 0);
    request->identifier = "other";
    request->trust_store_path = "trust.json";
}

static zova_status fault_zova_extension_bundle_untrust(scene *s, zova_extension_bundle_untrust_request *request) {
    (void)s;
    request->identifier = "no name";
    return ZOVA_EXTENSION_INVALID;
}

static void valid_zova_extension_bundle_list(scene *s, zova_extension_bundle_list_request *request) {
    (void)s;
    CHECK(setenv("ZOVA_TRUST_STORE", "trust.json", 1) == 0);
    request->trust_store_path = "trust.json";
}

static zova_status fault_zova_extension_bundle_list(scene *s, zova_extension_bundle_list_request *request) {
    (void)s;
    request->trust_store_path = ".";
    return ZOVA_CANT_OPEN;
}

static void valid_extensions(zova_database_open_extensions_request *request) {
    CHECK(setenv("ZOVA_TRUST_STORE", "trust.json", 1) == 0);
    need_bundle();
    request->extension_bundle_paths = SWEEP_BUNDLES;
    request->extension_bundle_count = 1;
    request->trust_store_path = "trust.json";
}

enum {
    empty_zova_database_create_with_extensions_extension_bundle_paths = ZOVA_OK,
    huge_zova_database_create_with_extensions_extension_bundle_paths = ZOVA_INVALID_ARGUMENT,
    empty_zova_database_open_with_extensions_extension_bundle_paths = ZOVA_OK,
    huge_zova_database_open_with_extensions_extension_bundle_paths = ZOVA_INVALID_ARGUMENT,
    empty_zova_database_open_for_repair_extension_bundle_paths = ZOVA_OK,
    huge_zova_database_open_for_repair_extension_bundle_paths = ZOVA_INVALID_ARGUMENT
};

static void valid_zova_database_create_with_extensions(scene *s, zova_database_open_extensions_request *request) {
    (void)s;
    valid_extensions(request);
    unlink("created.zova");
    request->path = "created.zova";
}

static zova_status fault_zova_database_create_with_extensions(scene *s,
                                                              zova_database_open_extensions_request *request) {
    (void)s;
    request->path = "sweep.zova";
    return ZOVA_DESTINATION_EXISTS;
}

static void valid_zova_database_open_with_extensions(scene *s, zova_database_open_extensions_request *request) {
    (void)s;
    valid_extensions(request);
    request->path = "sweep.zova";
}

static zova_status fault_zova_database_open_with_extensions(scene *s, zova_database_open_extensions_request *request) {
    (void)s;
    request->trust_store_path = "empty.json";
    return ZOVA_EXTENSION_UNTRUSTED;
}

static void valid_zova_database_open_for_repair(scene *s, zova_database_open_extensions_request *request) {
    valid_zova_database_open_with_extensions(s, request);
}

static zova_status fault_zova_database_open_for_repair(scene *s, zova_database_open_extensions_request *request) {
    return fault_zova_database_open_with_extensions(s, request);
}

static void valid_zova_extension_registry_create(scene *s, zova_extension_registry_create_request *request) {
    (void)s;
    (void)request;
}

static zova_status fault_zova_extension_registry_create(scene *s, zova_extension_registry_create_request *request) {
    (void)s;
    (void)request;
    return ZOVA_OK;
}

static zova_ext_status sweep_hook(zova_ext_ctx *ctx, void *user) {
    (void)ctx;
    (void)user;
    return 0;
}

static const zova_ext_plugin SWEEP_PLUGIN = {
    sizeof(zova_ext_plugin), ZOVA_EXT_ABI_MAJOR, ZOVA_EXT_ABI_MINOR, "sweep", "1", "_zova_ext_sweep_", "0.21.0", NULL, NULL,
    NULL, NULL, NULL, sweep_hook, sweep_hook, sweep_hook, NULL};

static void valid_zova_extension_registry_add(scene *s, zova_extension_registry_add_request *request) {
    (void)s;
    request->plugin = &SWEEP_PLUGIN;
}

static zova_status fault_zova_extension_registry_add(scene *s, zova_extension_registry_add_request *request) {
    static const zova_ext_plugin nothing = {sizeof nothing, ZOVA_EXT_ABI_MAJOR, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                                            NULL, NULL, NULL, NULL, NULL, NULL};
    (void)s;
    request->plugin = &nothing;
    return ZOVA_EXTENSION_INVALID;
}

static void valid_zova_extension_registry_load(scene *s, zova_extension_registry_load_request *request) {
    (void)s;
    CHECK(setenv("ZOVA_TRUST_STORE", "trust.json", 1) == 0);
    need_bundle();
    request->bundle_path = "sweep.zovaext";
    request->trust_store_path = "trust.json";
}

static zova_status fault_zova_extension_registry_load(scene *s, zova_extension_registry_load_request *request) {
    (void)s;
    request->bundle_path = "absent.zovaext";
    return ZOVA_CANT_OPEN;
}

static void valid_zova_database_open_with_registry(scene *s, zova_database_open_registry_request *request) {
    (void)s;
    request->path = "sweep.zova";
}

static zova_status fault_zova_database_open_with_registry(scene *s, zova_database_open_registry_request *request) {
    (void)s;
    request->flags = 8;
    return ZOVA_INVALID_ARGUMENT;
}

static void valid_zova_database_open_registry_for_repair(scene *s, zova_database_open_registry_request *request) {
    valid_zova_database_open_with_registry(s, request);
}

static zova_status fault_zova_database_open_registry_for_repair(scene *s,
                                                                zova_database_open_registry_request *request) {
    return fault_zova_database_open_with_registry(s, request);
}

static void valid_zova_database_create_with_registry(scene *s, zova_database_open_registry_request *request) {
    (void)s;
    unlink("created.zova");
    request->path = "created.zova";
}

static zova_status fault_zova_database_create_with_registry(scene *s, zova_database_open_registry_request *request) {
    (void)s;
    request->path = "sweep.zova";
    return ZOVA_DESTINATION_EXISTS;
}

#endif
