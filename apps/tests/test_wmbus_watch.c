/* SPDX-License-Identifier: MIT
 * wmbus-watch from outside: messages published as wmbus-rx does, and the lines that people see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <zmq.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"

/* 32 characters of two bytes, and 80 of three. */
#define WIDE_8 "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
#define WIDE WIDE_8 WIDE_8 WIDE_8 WIDE_8
#define EURO_5 "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
#define EURO_20 EURO_5 EURO_5 EURO_5 EURO_5
#define LONG_NAME EURO_20 EURO_20 EURO_20 EURO_20

static const char *const messages[][2] = {
    { "telegram.1", "{\"v\":1,\"id\":\"never subscribed\"}" },
    { "reading.33225544",
      "{\"v\":1,\"time_s\":0.412000,\"mode\":\"T1\",\"snr_db\":33.9,\"id\":\"33225544\","
      "\"manufacturer\":\"SEN\",\"media\":\"water\",\"name\":\"No. 1\",\"decrypted\":true,"
      "\"payload\":\"0413\",\"volume_m3\":123.529,\"when_date\":null,\"time_dry\":\"\","
      "\"some_hex\":\"00112233445566778899aabbccddeeff0011223344\",\"fourth_counter\":3,\"seq\":"
      "1}" },
    { "reading.56544919",
      "{\"v\":1,\"time_s\":3.9,\"mode\":\"T1\",\"snr_db\":20.0,\"id\":\"56544919\","
      "\"manufacturer\":\"ECM\",\"media\":\"water\",\"decrypted\":false,\"reason\":\"no_key\","
      "\"seq\":2}" },
    { "reading.1", "this is no JSON" },
    { "reading.1", "{\"name\":\"\\u001b[2J\",\"media\":null,\"payload\":\"\",\"a\":\"\\u0007\\n\","
                   "\"b\\u001b\":1}" },
    { "reading.2", "[]" },
    /* C1: a CSI of one character; bytes that are no UTF-8; a line of 100 characters, in more bytes.
     */
    { "reading.3",
      "{\"name\":\"K\xC3\xBC"
      "che\",\"media\":\"\\u009b2J\",\"manufacturer\":\"\x9B\xFF\",\"id\":\"" LONG_NAME "\","
      "\"payload\":\"\",\"a\":\"" WIDE "\",\"b\":\"" WIDE "\",\"c\":\"123456789012345\"}" },
};

static const char expected[] = "   0.412 s  No. 1: water, SEN 33225544, mode T1, 33.9 dB\n"
                               "           volume_m3 123.529, when_date -, time_dry -,"
                               " some_hex 00112233445566778899aabbccddeeff..., and 1 more\n"
                               "   3.900 s  (unknown): water, ECM 56544919, mode T1, 20.0 dB\n"
                               "           encrypted: no_key\n"
                               "   0.000 s  ?[2J: ,  , mode , ? dB\n"
                               "           a ??, b? 1\n"
                               "   0.000 s  K\xC3\xBC"
                               "che: ?2J, ?? " LONG_NAME ", mode , ? dB\n"
                               "           a " WIDE ", b " WIDE ", c 123456789012345\n";

/* An object, but of more bytes than a reading can have. */
static void publish_huge(void *publisher)
{
    static char huge[2 << 20] = "{\"v\":1,\"name\":\"huge\"}";
    memset(huge + strlen(huge), ' ', sizeof huge - 1 - strlen(huge));
    zmq_send(publisher, "reading.4", 9, ZMQ_SNDMORE);
    zmq_send(publisher, huge, sizeof huge - 1, 0);
}

static void publish(void *publisher)
{
    char subscription[64];
    /* An XPUB socket hears of its subscribers: nothing is sent before there is one. */
    assert_true(zmq_recv(publisher, subscription, sizeof subscription, 0) == 9);
    for (size_t k = 0; k < sizeof messages / sizeof messages[0]; k++) {
        zmq_send(publisher, messages[k][0], strlen(messages[k][0]), ZMQ_SNDMORE);
        zmq_send(publisher, messages[k][1], strlen(messages[k][1]), 0);
    }
    publish_huge(publisher);
}

/* What the shell prints with the program between before and behind; returns its exit code. */
static int watch_messages(const char *before, const char *behind, char *text, size_t room)
{
    char address[256], command[1024];
    size_t size = sizeof address;
    void *context = zmq_ctx_new(), *publisher = zmq_socket(context, ZMQ_XPUB);
    assert_int_equal(zmq_bind(publisher, "tcp://127.0.0.1:*"), 0);
    zmq_getsockopt(publisher, ZMQ_LAST_ENDPOINT, address, &size);
    snprintf(command, sizeof command, "%s%s/wmbus-watch --idle 0.5 -n 4 %s %s", before,
             getenv("WMBUS_BIN_DIR"), address, behind);
    FILE *watch = popen(command, "r");
    assert_non_null(watch);
    publish(publisher);
    text[fread(text, 1, room - 1, watch)] = 0;
    zmq_close(publisher);
    zmq_ctx_term(context);
    return WEXITSTATUS(pclose(watch));
}

static void test_lines(void **state)
{
    (void)state;
    char text[2048];
    assert_int_equal(watch_messages("", "", text, sizeof text), EXIT_OK);
    assert_string_equal(text, expected);
}

static void test_no_readings_wanted(void **state)
{
    (void)state;
    char text[2048];
    assert_int_equal(watch_messages("", "-n 0", text, sizeof text), EXIT_OK);
    assert_non_null(strstr(text, "33.9 dB\n           5 more\n"));
}

static void test_output_full(void **state)
{
    (void)state;
    char text[2048];
    assert_int_equal(watch_messages("", "2>&1 >/dev/full", text, sizeof text), EXIT_OUTPUT);
    assert_non_null(strstr(text, "No space left"));
}

/* As head ends: it has what it wanted. */
static void test_reader_gone(void **state)
{
    (void)state;
    char text[2048];
    assert_int_equal(watch_messages("{ { ", "; echo $? >&3; } | true; } 3>&1", text, sizeof text),
                     EXIT_OK);
    assert_string_equal(text, "0\n");
}

static void test_bad_address(void **state)
{
    (void)state;
    char command[1024];
    static const char *const addresses[] = { "nowhere", "tcp://127.0.0.1:99999" };
    for (size_t k = 0; k < sizeof addresses / sizeof addresses[0]; k++) {
        snprintf(command, sizeof command, "timeout 10 %s/wmbus-watch %s 2>/dev/null",
                 getenv("WMBUS_BIN_DIR"), addresses[k]);
        assert_int_equal(WEXITSTATUS(system(command)), EXIT_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_no_readings_wanted),
        cmocka_unit_test(test_output_full), cmocka_unit_test(test_reader_gone),
        cmocka_unit_test(test_bad_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
