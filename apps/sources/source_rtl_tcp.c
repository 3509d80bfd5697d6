/* SPDX-License-Identifier: MIT
 * rtl_tcp: a dongle at another computer. The server sends 12 bytes, "RTL0", kind of tuner and
 * number of gains, and then samples as cu8; it takes commands of five bytes. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"
#include "apps/sources/live.h"
#include "apps/sources/rtl_tcp_protocol.h"

enum { CONNECT_MS = 5000, SLICE_MS = 100 };

struct rtl_tcp {
    int fd;
    char address[128];
    unsigned char bytes[LIVE_BLOCK_BYTES];
};

static void close_rtl_tcp(void *device)
{
    struct rtl_tcp *d = device;
    if (d->fd >= 0)
        close(d->fd);
    free(d);
}

/* ---- connecting --------------------------------------------------------------------------- */

static bool wait_connected(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    for (int waited = 0; waited < CONNECT_MS && !stop_asked(); waited += SLICE_MS) {
        int error = ETIMEDOUT;
        socklen_t size = sizeof error;
        if (poll(&p, 1, SLICE_MS) <= 0)
            continue;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        errno = error;
        return error == 0;
    }
    errno = ETIMEDOUT;
    return false;
}

static int connect_to(const struct addrinfo *to)
{
    const int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0 ||
        (errno == EINPROGRESS && wait_connected(fd)))
        return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool connect_any(struct rtl_tcp *d, struct err *err)
{
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    char host[128];
    const char *port;
    rtl_tcp_split_address(d->address, host, sizeof host, &port);
    const int failed = getaddrinfo(host, port, &wanted, &found);
    if (failed)
        return err_set(err, EXIT_DEVICE, "rtl_tcp: cannot find %.100s port %.20s: %s", host, port,
                       gai_strerror(failed));
    for (const struct addrinfo *to = found; to && d->fd < 0; to = to->ai_next)
        d->fd = connect_to(to);
    const int error = errno;
    freeaddrinfo(found);
    return d->fd >= 0 || err_set(err, EXIT_DEVICE,
                                 "rtl_tcp: cannot connect to %.100s port %.20s: %s; does rtl_tcp "
                                 "run there?",
                                 host, port, strerror(error));
}

/* ---- talking ------------------------------------------------------------------------------ */

static bool command(const struct rtl_tcp *d, enum rtl_tcp_command command, double value)
{
    unsigned char bytes[RTL_TCP_COMMAND_BYTES];
    rtl_tcp_write_command(bytes, command, value);
    return send(d->fd, bytes, sizeof bytes, MSG_NOSIGNAL) == (ssize_t)sizeof bytes;
}

/* Reads 1 ... n bytes; 0: none came in this slice; < 0: the end. */
static ssize_t receive(const struct rtl_tcp *d, void *bytes, size_t n)
{
    if (!stop_wait_readable(d->fd, SLICE_MS))
        return 0;
    const ssize_t got = recv(d->fd, bytes, n, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return got > 0 ? got : -1;
}

static bool receive_all(const struct rtl_tcp *d, unsigned char *bytes, size_t n)
{
    for (int waited = 0; n > 0 && waited < LIVE_STALL_MS && !stop_asked();) {
        const ssize_t got = receive(d, bytes, n);
        if (got < 0)
            return false;
        waited = got > 0 ? 0 : waited + SLICE_MS;
        bytes += got;
        n -= (size_t)got;
    }
    return n == 0;
}

static bool read_header(const struct rtl_tcp *d, struct live_settings *settings, struct err *err)
{
    unsigned char bytes[RTL_TCP_HEADER_BYTES];
    struct rtl_tcp_header header;
    if (!receive_all(d, bytes, sizeof bytes))
        return err_set(err, EXIT_DEVICE,
                       "rtl_tcp: %.100s is connected but says nothing; is there "
                       "another client?",
                       d->address);
    if (!rtl_tcp_read_header(bytes, &header))
        return err_set(err, EXIT_DEVICE, "rtl_tcp: what answers at %.100s is no rtl_tcp",
                       d->address);
    settings->n_gains = header.n_gains;
    for (size_t k = 0; k < header.n_gains; k++)
        settings->gains_db[k] = rtl_tcp_gain_db(&header, k);
    snprintf(settings->name, sizeof settings->name, "rtl_tcp:%.80s", d->address);
    return true;
}

static bool set_up(struct rtl_tcp *d, const struct live_settings *s, struct err *err)
{
    bool ok = command(d, RTL_TCP_SET_SAMPLE_RATE, s->sample_rate_sps) &&
              command(d, RTL_TCP_SET_FREQUENCY, s->center_hz) &&
              command(d, RTL_TCP_SET_PPM, s->ppm) && command(d, RTL_TCP_SET_AGC, 0) &&
              command(d, RTL_TCP_SET_GAIN_MODE, 1) && command(d, RTL_TCP_SET_BIAS_TEE, s->bias_tee);
    if (ok && !isnan(s->gain_db))
        ok = command(d, RTL_TCP_SET_GAIN, 10 * s->gain_db);
    return ok || err_set(err, EXIT_DEVICE, "rtl_tcp: %.100s takes no commands: %s", d->address,
                         strerror(errno));
}

static void *open_rtl_tcp(struct live_settings *settings, struct err *err)
{
    struct rtl_tcp *d = calloc(1, sizeof *d);
    if (!d) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    d->fd = -1;
    snprintf(d->address, sizeof d->address, "%s", settings->address);
    settings->format = IQ_CU8;
    settings->true_rate_sps = settings->sample_rate_sps;
    if (connect_any(d, err) && read_header(d, settings, err) && set_up(d, settings, err))
        return d;
    close_rtl_tcp(d);
    return NULL;
}

static bool set_ppm(void *device, double ppm)
{
    return command(device, RTL_TCP_SET_PPM, ppm);
}

static bool set_gain(void *device, size_t index)
{
    return command(device, RTL_TCP_SET_GAIN_INDEX, (double)index);
}

static bool run_rtl_tcp(void *device, struct live *live, struct err *err)
{
    struct rtl_tcp *d = device;
    while (!live_is_over(live)) {
        const ssize_t got = receive(d, d->bytes, sizeof d->bytes);
        if (got < 0)
            return err_set(err, EXIT_DEVICE, "rtl_tcp: %.100s closed the connection", d->address);
        if (got > 0 && !live_deliver(live, d->bytes, (size_t)got))
            break;
    }
    return true;
}

static const struct live_device rtl_tcp = {
    .open = open_rtl_tcp,
    .set_gain = set_gain,
    .set_ppm = set_ppm,
    .run = run_rtl_tcp,
    .close = close_rtl_tcp,
};

static bool claims(const char *text)
{
    return live_address(text, source_rtl_tcp.name) != NULL;
}

/* getaddrinfo takes a port modulo 65536. */
static bool check(const char *text, struct err *err)
{
    char host[128];
    const char *port;
    rtl_tcp_split_address(live_address(text, source_rtl_tcp.name), host, sizeof host, &port);
    return strtol(port, NULL, 10) <= 65535 ||
           err_set(err, EXIT_USAGE, "rtl_tcp: %.100s port %.20s: expected a port up to 65535", host,
                   port);
}

static bool open_source(struct source *source, const struct source_config *config, struct err *err)
{
    return live_open(source, config, &rtl_tcp, live_address(config->text, source_rtl_tcp.name),
                     err);
}

const struct source_type source_rtl_tcp = {
    .name = "rtl_tcp",
    .written = "rtl_tcp:HOST[:PORT]",
    .help = "one at another computer, where rtl_tcp runs; port 1234",
    .claims = claims,
    .check = check,
    .open = open_source,
    LIVE_SOURCE,
};
