/*
 * The archive in one program with another Rust static library, each with its own copy of Rust's standard library.
 */
#include "support.h"

uint64_t foreign_sum(uint64_t count);
int foreign_catches_a_panic(void);

static void both_work_side_by_side(void) {
    zova_database *db = create("ours.zova");
    zova_object_id id;
    CHECK_INT(500500, foreign_sum(1000));
    CHECK_INT(1, foreign_catches_a_panic());
    EXEC(db, "create table t(x); insert into t values (1)");
    CHECK_OK(db, put(db, "both", 4, &id));
    CHECK_INT(500500, foreign_sum(1000));
    CHECK_INT(1, foreign_catches_a_panic());
    CHECK_OBJECT(db, id, "both", 4);
    CHECK_QUERY("1", db, "select count(*) from t");
    close_database(db);
}

static void *store(void *name) {
    zova_database *db = create(name);
    CHECK_OK(db, put(db, name, strlen(name), NULL));
    CHECK_INT(500500, foreign_sum(1000));
    close_database(db);
    return NULL;
}

static void both_work_in_the_same_threads(void) {
    static char names[4][16] = {"a.zova", "b.zova", "c.zova", "d.zova"};
    pthread_t threads[4];
    int at;
    for (at = 0; at < 4; at++) {
        CHECK(pthread_create(&threads[at], NULL, store, names[at]) == 0);
    }
    for (at = 0; at < 4; at++) {
        CHECK(pthread_join(threads[at], NULL) == 0);
    }
}

CHECK_MAIN(CASE(both_work_side_by_side), CASE(both_work_in_the_same_threads))
