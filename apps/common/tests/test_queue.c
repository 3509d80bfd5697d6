/* SPDX-License-Identifier: MIT
 * The queue between threads: nothing lost, nothing twice, in order, and an end for whoever waits.
 */
#include "apps/common/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 20000 };

static void *put_all(void *queue)
{
    for (uint64_t k = 0; k < N; k++)
        if (!queue_put(queue, &k, true))
            break;
    queue_shut(queue);
    return NULL;
}

static void test_between_threads(void **state)
{
    (void)state;
    struct queue q;
    pthread_t thread;
    uint64_t item, next = 0;
    assert_true(queue_open(&q, sizeof item, 3));
    assert_int_equal(pthread_create(&thread, NULL, put_all, &q), 0);
    while (queue_take(&q, &item, -1) == QUEUE_ITEM)
        assert_int_equal(item, next++);
    assert_int_equal(next, N);
    pthread_join(thread, NULL);
    queue_close(&q);
}

static void test_full_and_empty(void **state)
{
    (void)state;
    struct queue q;
    int item = 1;
    assert_true(queue_open(&q, sizeof item, 2));
    assert_int_equal(queue_take(&q, &item, 0), QUEUE_TIMEOUT);
    assert_int_equal(queue_take(&q, &item, 3), QUEUE_TIMEOUT);
    assert_true(queue_put(&q, &item, false));
    assert_true(queue_put(&q, &item, true));
    assert_false(queue_put(&q, &item, false)); /* full */
    assert_int_equal(queue_fill(&q), 2);
    queue_shut(&q);
    assert_false(queue_put(&q, &item, true)); /* shut */
    assert_int_equal(queue_take(&q, &item, -1), QUEUE_ITEM);
    assert_int_equal(queue_take(&q, &item, 5), QUEUE_ITEM);
    assert_int_equal(queue_take(&q, &item, -1), QUEUE_END);
    queue_close(&q);
}

/* Whoever waits for room hears that there will be none. */
static void test_shut_while_putting(void **state)
{
    (void)state;
    struct queue q;
    pthread_t thread;
    uint64_t item;
    assert_true(queue_open(&q, sizeof item, 1));
    assert_int_equal(pthread_create(&thread, NULL, put_all, &q), 0);
    assert_int_equal(queue_take(&q, &item, -1), QUEUE_ITEM);
    queue_shut(&q);
    pthread_join(thread, NULL);
    queue_close(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_between_threads),
        cmocka_unit_test(test_full_and_empty),
        cmocka_unit_test(test_shut_while_putting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
