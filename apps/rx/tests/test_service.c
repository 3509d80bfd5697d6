/* SPDX-License-Identifier: MIT
 * What is sent to a service manager that listens. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/rx/service.h"

static int manager = -1;
static char folder[] = "/tmp/wmbus-service-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };

/* The next message, "" if there is none. */
static const char *heard(void)
{
    static char text[200];
    ssize_t n = recv(manager, text, sizeof text - 1, MSG_DONTWAIT);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void test_messages(void **state)
{
    (void)state;
    service_ready();
    assert_string_equal(heard(), "READY=1");
    service_stopping();
    assert_string_equal(heard(), "STOPPING=1");
    assert_string_equal(heard(), "");
}

static void test_watchdog_hears_no_more_than_it_asks_for(void **state)
{
    (void)state;
    unsetenv("WATCHDOG_USEC");
    service_alive();
    assert_string_equal(heard(), "");
    setenv("WATCHDOG_USEC", "3600000000", 1);
    service_alive();
    assert_string_equal(heard(), "WATCHDOG=1");
    for (int i = 0; i < 100; i++)
        service_alive();
    assert_string_equal(heard(), "");
}

static int listen_as_manager(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    strcpy(address.sun_path, folder);
    strcat(address.sun_path, "/notify");
    manager = socket(AF_UNIX, SOCK_DGRAM, 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    return bind(manager, (struct sockaddr *)&address, sizeof address);
}

static int stop_listening(void **state)
{
    (void)state;
    close(manager);
    unlink(address.sun_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_watchdog_hears_no_more_than_it_asks_for),
    };
    return cmocka_run_group_tests(tests, listen_as_manager, stop_listening);
}
