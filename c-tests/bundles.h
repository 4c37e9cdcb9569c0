/*
 * Bundles for the tests: the example extension (examples-c/tags), whose library and manifest the runner names.
 */
#ifndef BUNDLES_H
#define BUNDLES_H

#include "support.h"
#include "zova_extension_host.h"

/* The current directory, for absolute paths. */
UNUSED static const char *here(const char *name) {
    static char path[8][4096];
    static int next;
    char *place = path[next++ % 8];
    char folder[3000];
    CHECK(getcwd(folder, sizeof folder) != NULL);
    snprintf(place, sizeof path[0], "%s/%s", folder, name);
    return place;
}

/* Makes a directory with a copy of the example. */
UNUSED static void make_bundle(const char *path) {
    char file[512];
    CHECK(mkdir(path, 0755) == 0);
    snprintf(file, sizeof file, "%s/libtags.so", path);
    copy_file(TAGS_LIBRARY, file);
    CHECK(chmod(file, 0644) == 0);
    snprintf(file, sizeof file, "%s/extension.json", path);
    copy_file(TAGS_MANIFEST, file);
    CHECK(chmod(file, 0644) == 0);
}

UNUSED static zova_status bundle_call(zova_status (*function)(const zova_extension_bundle_request *), const char *path,
                                      zova_message *message) {
    zova_extension_bundle_request request = {path, "trust.json", message};
    return function(&request);
}

/* Makes a bundle and trusts it in the list trust.json. */
UNUSED static void make_trusted_bundle(const char *path) {
    make_bundle(path);
    CHECK_OK(NULL, bundle_call(zova_extension_bundle_trust, path, NULL));
}

#endif
