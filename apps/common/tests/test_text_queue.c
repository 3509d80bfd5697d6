/* SPDX-License-Identifier: MIT */
#include "apps/common/text_queue.h"

#include <setjmp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_awake(const struct text_queue *queue)
{
    struct pollfd item = { .fd = text_queue_fd(queue), .events = POLLIN };
    return poll(&item, 1, 0) == 1;
}

static void assert_next(struct text_queue *queue, const char *topic, const char *text)
{
    struct text_item *item = text_queue_pop(queue);
    assert_non_null(item);
    assert_string_equal(item->topic, topic);
    assert_string_equal(item->text, text);
    assert_int_equal(item->n, strlen(text));
    free(item);
}

static void test_oldest_makes_room(void **state)
{
    (void)state;
    struct text_queue *queue = text_queue_open(2, NULL);
    assert_false(is_awake(queue));
    assert_null(text_queue_pop(queue));
    text_queue_push(queue, "a", "1", false, false);
    assert_true(is_awake(queue));
    text_queue_push(queue, "b", "2", true, false);
    text_queue_push(queue, "", "", false, false);
    assert_int_equal(text_queue_lost(queue), 1);
    assert_next(queue, "b", "2");
    assert_true(is_awake(queue));
    assert_next(queue, "", "");
    assert_false(is_awake(queue));
    text_queue_done(queue, true);
    text_queue_done(queue, false);
    assert_int_equal(text_queue_lost(queue), 2);
    assert_false(text_queue_is_over(queue));
    text_queue_close(queue, 0);
    assert_true(text_queue_is_over(queue));
    assert_true(is_awake(queue));
    text_queue_push(queue, "", "too late", false, false);
    assert_int_equal(text_queue_lost(queue), 3);
    text_queue_free(queue);
}

static void test_what_nobody_takes_is_lost_at_close(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = 1;
    struct text_queue *queue = text_queue_open(10, &stop);
    for (int i = 0; i < 4; i++)
        text_queue_push(queue, "", "x", false, true);
    free(text_queue_pop(queue));
    assert_int_equal(text_queue_lost(queue), 0);
    text_queue_close(queue, 1e9); /* ends because of stop */
    assert_int_equal(text_queue_lost(queue), 4);
    text_queue_done(queue, true); /* after all */
    assert_int_equal(text_queue_lost(queue), 3);
    text_queue_free(queue);
}

static void *give_up_soon(void *queue)
{
    poll(NULL, 0, 20);
    text_queue_set_taken(queue, false);
    return NULL;
}

/* Else a replay would never end, once its broker is gone. */
static void test_nobody_waits_for_who_went_away(void **state)
{
    (void)state;
    pthread_t thread;
    struct text_queue *queue = text_queue_open(1, NULL);
    assert_int_equal(pthread_create(&thread, NULL, give_up_soon, queue), 0);
    for (int i = 0; i < 3; i++)
        text_queue_push(queue, "", "x", false, true);
    pthread_join(thread, NULL);
    assert_int_equal(text_queue_lost(queue), 2);
    text_queue_free(queue);
}

enum { N_TEXTS = 5000 };

static void *take_all(void *user)
{
    struct text_queue *queue = user;
    struct pollfd item = { .fd = text_queue_fd(queue), .events = POLLIN };
    long n = 0;
    while (!text_queue_is_over(queue)) {
        struct text_item *text = text_queue_pop(queue);
        if (!text) {
            poll(&item, 1, -1);
            continue;
        }
        n += strtol(text->text, NULL, 10) == n;
        text_queue_done(queue, true);
        free(text);
    }
    return (void *)(intptr_t)n;
}

static void *take_slowly(void *user)
{
    struct text_queue *queue = user;
    while (!text_queue_is_over(queue)) {
        struct text_item *text = text_queue_pop(queue);
        if (text)
            text_queue_done(queue, true);
        free(text);
        poll(NULL, 0, 20);
    }
    return NULL;
}

static void test_after_a_signal_what_still_goes_is_awaited(void **state)
{
    (void)state;
    pthread_t thread;
    volatile sig_atomic_t stop = 1;
    struct text_queue *queue = text_queue_open(50, &stop);
    for (int i = 0; i < 50; i++)
        text_queue_push(queue, "", "x", false, false);
    assert_int_equal(pthread_create(&thread, NULL, take_slowly, queue), 0);
    text_queue_close(queue, 1e9);
    pthread_join(thread, NULL);
    assert_int_equal(text_queue_lost(queue), 0);
    text_queue_free(queue);
}

static void test_who_waits_loses_nothing(void **state)
{
    (void)state;
    pthread_t thread;
    void *taken;
    struct text_queue *queue = text_queue_open(3, NULL);
    assert_int_equal(pthread_create(&thread, NULL, take_all, queue), 0);
    for (int i = 0; i < N_TEXTS; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        text_queue_push(queue, "", text, false, true);
    }
    text_queue_close(queue, 1e9);
    pthread_join(thread, &taken);
    assert_int_equal((intptr_t)taken, N_TEXTS);
    assert_int_equal(text_queue_lost(queue), 0);
    text_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oldest_makes_room),
        cmocka_unit_test(test_what_nobody_takes_is_lost_at_close),
        cmocka_unit_test(test_nobody_waits_for_who_went_away),
        cmocka_unit_test(test_after_a_signal_what_still_goes_is_awaited),
        cmocka_unit_test(test_who_waits_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
