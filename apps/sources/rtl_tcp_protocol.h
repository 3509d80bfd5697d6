/* SPDX-License-Identifier: MIT
 * What rtl_tcp and its clients say to each other: the server begins with 12 bytes, and goes on with
 * samples as cu8; the client sends commands of 5 bytes. Numbers are big-endian. Pure functions. */
#ifndef APPS_SOURCES_RTL_TCP_PROTOCOL_H
#define APPS_SOURCES_RTL_TCP_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTL_TCP_HEADER_BYTES = 12, RTL_TCP_COMMAND_BYTES = 5, RTL_TCP_MAX_GAINS = 64 };

enum rtl_tcp_command {
    RTL_TCP_SET_FREQUENCY = 0x01,
    RTL_TCP_SET_SAMPLE_RATE = 0x02,
    RTL_TCP_SET_GAIN_MODE = 0x03, /* 1: by hand                  */
    RTL_TCP_SET_GAIN = 0x04,      /* tenths of a dB              */
    RTL_TCP_SET_PPM = 0x05,
    RTL_TCP_SET_AGC = 0x08,
    RTL_TCP_SET_GAIN_INDEX = 0x0d,
    RTL_TCP_SET_BIAS_TEE = 0x0e,
};

/* The name and port of HOST:PORT, HOST or [HOST]:PORT; localhost and 1234 where they are missing.
 * A host that is longer than host[size] is cut. */
void rtl_tcp_split_address(const char *address, char *host, size_t size, const char **port);

/* "RTL0", kind of tuner, number of gains. */
struct rtl_tcp_header {
    uint32_t tuner;
    size_t n_gains; /* 0 if no tuner has so many */
};

/* False: something else. */
bool rtl_tcp_read_header(const unsigned char bytes[RTL_TCP_HEADER_BYTES],
                         struct rtl_tcp_header *header);

/* What a gain is in dB, as far as that is known of the tuner; else NAN. */
double rtl_tcp_gain_db(const struct rtl_tcp_header *header, size_t index);

/* value is rounded, and held within 32 bits. */
void rtl_tcp_write_command(unsigned char bytes[RTL_TCP_COMMAND_BYTES], enum rtl_tcp_command command,
                           double value);

#endif
