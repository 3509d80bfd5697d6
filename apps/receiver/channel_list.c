/* SPDX-License-Identifier: MIT */
#include "apps/receiver/channel_list.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"

/* So much of a wide channel, or all of a narrow one, must lie inside the recording on both sides of
 * its middle. */
static const double least_side_hz = 100e3;

static unsigned modes_of(const struct radio_channel *row)
{
    return ((1u << row->n_modes) - 1) << row->first_mode;
}

static bool add(struct channel_list *list, const struct channel_choice *channel)
{
    for (size_t k = 0; k < list->n; k++) {
        struct channel_choice *old = &list->items[k];
        if (old->row == channel->row && fabs(old->frequency_hz - channel->frequency_hz) < 1) {
            old->modes |= channel->modes;
            return true;
        }
    }
    if (list->n == CHANNEL_LIST_MAX)
        return false;
    list->items[list->n++] = *channel;
    return true;
}

/* frequency_hz 0: that of the standard. */
static bool add_rows(struct channel_list *list, unsigned modes, double frequency_hz)
{
    bool ok = true;
    for (size_t k = 0; k < n_radio_channels && ok; k++) {
        const struct radio_channel *row = &radio_channels[k];
        const struct channel_choice channel = {
            .row = row,
            .frequency_hz = frequency_hz > 0 ? frequency_hz : row->frequency_hz,
            .modes = modes & modes_of(row),
        };
        ok = channel.modes == 0 || add(list, &channel);
    }
    return ok;
}

void channel_list_add_modes(struct channel_list *list, unsigned modes)
{
    add_rows(list, modes, 0);
}

bool channel_list_parse(struct channel_list *list, const char *text, struct err *err)
{
    char names[40] = "";
    const size_t n = strcspn(text, "@");
    double frequency_hz = 0;
    if (n < sizeof names)
        memcpy(names, text, n);
    const unsigned modes = radio_modes_parse(names);
    if (modes == 0 || text[n] != '@' ||
        !number_parse(text + n + 1, strlen(text + n + 1), &frequency_hz) ||
        !number_is_hz(frequency_hz))
        return err_set(err, EXIT_USAGE,
                       "expected modes, @ and a frequency, such as T@434.475M or T1,C1@868.95M, "
                       "not %.40s",
                       text);
    return add_rows(list, modes, frequency_hz) ||
           err_set(err, EXIT_USAGE, "%.40s is one more than the %d channels that there may be",
                   text, CHANNEL_LIST_MAX);
}

bool channel_fits(const struct channel_choice *channel, double center_hz, double sample_rate_sps)
{
    const double side_hz = fmin(least_side_hz, channel->row->pass_hz);
    return fabs(channel->frequency_hz - center_hz) + side_hz <= sample_rate_sps / 2;
}

void channel_list_fitting(const struct channel_list *list, double center_hz, double sample_rate_sps,
                          struct channel_list *fitting)
{
    fitting->n = 0;
    for (size_t k = 0; k < list->n; k++)
        if (channel_fits(&list->items[k], center_hz, sample_rate_sps))
            fitting->items[fitting->n++] = list->items[k];
}

void channel_list_text(const struct channel_list *list, char *text, size_t size)
{
    size_t n = 0;
    text[0] = 0;
    for (size_t k = 0; k < list->n && n < size; k++)
        n += (size_t)snprintf(text + n, size - n, "%s%s at %.10g MHz", k ? ", " : "",
                              list->items[k].row->name, list->items[k].frequency_hz / 1e6);
}
