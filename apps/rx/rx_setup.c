/* SPDX-License-Identifier: MIT */
#include "apps/rx/rx_setup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/kept_file.h"
#include "apps/common/same_file.h"
#include "apps/common/stop.h"
#include "apps/drivers/decoders.h"
#include "apps/observer/burst_folder.h"
#include "apps/rx/listener.h"
#include "apps/sources/source.h"
#include "base/array_len.h"

enum { WAIT_LIMIT_MS = 10000 };

bool rx_setup_is_live(const struct rx_setup *setup)
{
    bool live = false;
    for (size_t i = 0; i < setup->settings->files.n; i++)
        live |= source_may_be_live(setup->settings->files.items[i]);
    return live;
}

/* ---- the configuration -------------------------------------------------------------------- */

static const struct driver_table *own_drivers(const struct rx_setup *setup)
{
    return setup->settings->general.drivers ? &setup->drivers.table : NULL;
}

static bool check_drivers(const struct rx_setup *setup, const struct config *config,
                          struct err *err)
{
    return decoders_check_drivers(config->meters, config->n_meters, own_drivers(setup),
                                  setup->settings->config, err);
}

static bool load_config(const struct rx_setup *setup, struct config *config, struct err *err)
{
    const char *path = setup->settings->config;
    if (!path)
        return true;
    if (!config_load(path, config, err))
        return false;
    if (config->keys_exposed)
        fprintf(stderr,
                "%s: warning: %s holds keys or passwords and others can read it (chmod 600)\n",
                setup->me, path);
    return true;
}

static bool add_patterns(struct meter_patterns *patterns, const struct text_list *texts,
                         const char *option, struct err *err)
{
    for (size_t i = 0; i < texts->n; i++)
        if (!meter_patterns_add(patterns, texts->items[i]))
            return err_set(err, EXIT_USAGE, "option --%s: expected %s", option,
                           METER_PATTERN_EXPECTED);
    return true;
}

/* The command line beats the file; its lists of meters are added to those of the file. */
static bool merge(struct config *config, const struct rx_settings *s, struct err *err)
{
    if (s->report && !tell_policy_parse(s->report, &config->policy))
        return err_set(err, EXIT_USAGE, "option --report: expected %s", TELL_POLICY_EXPECTED);
    return add_patterns(&config->include, &s->include, "include", err) &&
           add_patterns(&config->exclude, &s->exclude, "exclude", err);
}

/* What cannot be behind the place where it stands. */
static bool fail_in_file(const struct rx_setup *setup, const struct config_text *text,
                         struct err *err)
{
    const struct err why = *err;
    return err_set(err, EXIT_CONFIG, "%.200s:%zu: %s", setup->settings->config, text->line,
                   why.text);
}

/* Devices and recordings are not taken at once: their clocks differ. *k: the one too many. */
static bool check_mixture(const struct text_list *sources, size_t *k, struct err *err)
{
    const char *const *names = sources->items;
    const bool devices = source_is_device(names[0]);
    for (*k = 0; *k < sources->n; ++*k) {
        if (source_is_device(names[*k]) != devices)
            return err_set(err, EXIT_USAGE,
                           "devices and recordings cannot be received together: %.100s is a "
                           "device, %.100s is none",
                           names[devices ? 0 : *k], names[devices ? *k : 0]);
        if (devices && *k == LISTENERS_MAX)
            return err_set(err, EXIT_USAGE, "no more than %d devices can be received at once",
                           LISTENERS_MAX);
    }
    return true;
}

static bool complete_sources(struct rx_setup *setup, struct rx_settings *s, struct err *err)
{
    const struct config *config = &setup->config;
    setup->configured_sources = s->files.n == 0 && config->n_sources > 0;
    for (size_t i = 0; setup->configured_sources && i < config->n_sources; i++)
        if (!text_list_add(&s->files, config->sources[i].written.text, err))
            return false;
    for (size_t i = 0; i < config->n_sources; i++)
        if (!source_check(config->sources[i].written.text, err))
            return fail_in_file(setup, &config->sources[i].written, err);
    size_t k;
    if (s->files.n == 0 && !text_list_add(&s->files, source_default, err))
        return false;
    return check_mixture(&s->files, &k, err) ||
           (setup->configured_sources && fail_in_file(setup, &config->sources[k].written, err));
}

static bool complete_channels(struct rx_setup *setup, struct rx_settings *s, struct err *err)
{
    const struct config *config = &setup->config;
    for (size_t i = 0; i < config->n_channels; i++)
        if (!channel_list_parse(&s->channels, config->channels[i].text, err))
            return fail_in_file(setup, &config->channels[i], err);
    return true;
}

/* What was learnt may be read, or is not there yet. */
static bool check_readable(const char *path, struct err *err)
{
    FILE *f = kept_file_read(path, err);
    if (f)
        fclose(f);
    return f || err->exit_code == EXIT_OK;
}

/* A path of the file that fails its check is no reason to hear nothing; given: that of the option
 * of its name, which beats it. */
static void leave_out_unusable(const struct rx_setup *setup, const char *given, const char **path,
                               bool (*check)(const char *path, struct err *err))
{
    struct err why;
    if (given || !*path || check(*path, &why))
        return;
    fprintf(stderr, "%s: warning: %s: %s; going on without it\n", setup->me,
            setup->settings->config, why.text);
    *path = NULL;
}

/* Where the file lets a service learn and record: the doctor leaves that alone, a replay writes
 * nothing there. */
static void complete_general(const struct rx_setup *setup, struct rx_settings *s)
{
    const bool live = rx_setup_is_live(setup);
    struct config_general general = setup->config.general;
    if (s->doctor)
        general.formats = general.ppm_file = NULL;
    if (s->doctor || !live)
        general.record_bursts = NULL;
    leave_out_unusable(setup, s->general.formats, &general.formats,
                       live ? kept_file_check : check_readable);
    leave_out_unusable(setup, s->general.ppm_file, &general.ppm_file,
                       live ? kept_file_check : check_readable);
    leave_out_unusable(setup, s->general.record_bursts, &general.record_bursts, burst_folder_check);
    config_general_complete(&s->general, &general);
}

static bool complete(struct rx_setup *setup, struct rx_settings *s, struct err *err)
{
    if (!complete_sources(setup, s, err) || !complete_channels(setup, s, err))
        return false;
    complete_general(setup, s);
    return true;
}

static bool load_drivers(struct rx_setup *setup, struct err *err)
{
    const char *folder = setup->settings->general.drivers;
    driver_set_init(&setup->drivers, shared_rules_builtin);
    return !folder || (driver_set_load_dir(&setup->drivers, folder, err) &&
                       driver_set_finish(&setup->drivers, err));
}

/* A recording, the configuration, what was learnt, a driver. */
static bool is_read(const struct rx_setup *setup, const char *path)
{
    const struct rx_settings *s = setup->settings;
    const char *const files[] = { s->config, s->general.formats, s->general.ppm_file };
    bool reads = false;
    for (size_t i = 0; i < s->files.n; i++)
        reads |= source_reads(s->files.items[i], path);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        reads |= same_file(files[i], -1, path, STDOUT_FILENO);
    for (size_t i = 0; i < setup->drivers.n; i++)
        reads |= same_file(setup->drivers.entries[i].path, -1, path, STDOUT_FILENO);
    return reads;
}

/* No output goes to a file that is read. path: "-" is standard output; NULL: none. */
static bool spares_inputs(const struct rx_setup *setup, const char *path, struct err *err)
{
    return !path || !is_read(setup, path) ||
           err_set(err, EXIT_USAGE,
                   "%.200s is to be read and to be written as well: name another file for the "
                   "output",
                   strcmp(path, "-") == 0 ? "the file that standard output goes to" : path);
}

bool rx_setup_load(struct rx_setup *setup, struct rx_settings *settings, const char *me,
                   struct err *err)
{
    setup->settings = settings;
    setup->me = me;
    return load_config(setup, &setup->config, err) && merge(&setup->config, settings, err) &&
           complete(setup, settings, err) && load_drivers(setup, err) &&
           check_drivers(setup, &setup->config, err) && rx_settings_check(settings, err) &&
           spares_inputs(setup, settings->observe.plot, err);
}

static double first_given(double a, double b)
{
    return isnan(a) ? b : a;
}

struct source_config rx_setup_source(const struct rx_setup *setup, size_t i)
{
    static const struct config_source nothing = { .center_hz = (double)NAN,
                                                  .sample_rate_sps = (double)NAN,
                                                  .gain_db = (double)NAN,
                                                  .ppm = (double)NAN };
    const struct rx_settings *s = setup->settings;
    const struct config_source *own =
        setup->configured_sources ? &setup->config.sources[i] : &nothing;
    return (struct source_config){
        .text = s->files.items[i],
        .center_hz = first_given(s->center_hz, own->center_hz),
        .sample_rate_sps = first_given(s->sample_rate_sps, own->sample_rate_sps),
        .block_samples = s->block_samples,
        .stall_s = s->stall_s,
        .has_start = s->start_time != NULL,
        .gain_db = first_given(s->gain_db, own->gain_db),
        .ppm = first_given(s->ppm, own->ppm),
        .bias_tee = s->bias_tee || own->bias_tee,
        .start_us = s->start_us,
    };
}

bool rx_setup_tell(const struct rx_setup *setup, struct err *err)
{
    const struct config *c = &setup->config;
    printf("%s: %zu meter%s, %zu source%s, %zu output%s\n", setup->settings->config, c->n_meters,
           c->n_meters == 1 ? "" : "s", c->n_sources, c->n_sources == 1 ? "" : "s", c->n_outputs,
           c->n_outputs == 1 ? "" : "s");
    return (fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(err);
}

/* ---- the rest ----------------------------------------------------------------------------- */

static bool select_meters(struct selection *selection, const struct config *config, struct err *err)
{
    if (!selection_set_meters(selection, config->meters, config->policies, config->n_meters))
        return err_set(err, EXIT_INTERNAL, "out of memory");
    selection->include = config->include;
    selection->exclude = config->exclude;
    selection->policy = config->policy;
    return true;
}

static bool open_decoder(struct rx_setup *setup, struct err *err)
{
    const struct rx_settings *s = setup->settings;
    setup->decoder = decoder_open(setup->config.meters, setup->config.n_meters);
    if (!setup->decoder)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    decoder_use_drivers(setup->decoder, own_drivers(setup));
    decoder_set_obis(setup->decoder, s->general.obis);
    const char *formats = s->general.formats;
    if (formats && (!format_file_load(formats, &setup->formats, err) ||
                    (rx_setup_is_live(setup) && !kept_file_check(formats, err))))
        return false;
    format_list_give(&setup->formats, setup->decoder);
    return true;
}

/* The output of a replay must not depend on what was replayed before. */
static bool save_formats(struct rx_setup *setup, struct err *err)
{
    const char *path = setup->settings->general.formats;
    if (!path || !setup->decoder || !rx_setup_is_live(setup))
        return true;
    format_list_gather(&setup->formats, setup->decoder);
    return !setup->formats.changed || format_file_save(path, &setup->formats, err);
}

static bool add_spec(struct rx_setup *setup, const struct output_spec *spec,
                     const struct output_run *run_as, struct err *err)
{
    const char *file = !spec->type->to_stdout ? NULL : spec->values[0] ? spec->values[0] : "-";
    return spares_inputs(setup, file, err) && outputs_add(&setup->outputs, spec, run_as, err);
}

/* kind, or kind:argument. */
static bool add_output(struct rx_setup *setup, const char *text, const struct output_run *run_as,
                       struct err *err)
{
    struct output_spec spec;
    bool ok = output_spec_parse(&spec, text, err) && add_spec(setup, &spec, run_as, err);
    output_spec_wipe(&spec);
    return ok;
}

static bool add_zmq(struct outputs *outputs, const char *address, const struct output_run *run_as,
                    struct err *err)
{
    struct output_spec spec;
    output_spec_init(&spec, "zmq");
    bool ok =
        output_spec_set(&spec, "address", address, err) && outputs_add(outputs, &spec, run_as, err);
    output_spec_wipe(&spec);
    return ok;
}

/* Those of the command line, else those of the file, else one; the doctor's words stand alone. */
static bool add_outputs(struct rx_setup *setup, const struct output_run *run_as, struct err *err)
{
    const struct rx_settings *s = setup->settings;
    const struct config *config = &setup->config;
    bool ok = true;
    for (size_t i = 0; ok && i < s->outputs.n; i++)
        ok = add_output(setup, s->outputs.items[i], run_as, err);
    for (size_t i = 0; ok && s->outputs.n == 0 && !s->doctor && i < config->n_outputs; i++)
        ok = add_spec(setup, &config->outputs[i], run_as, err);
    if (ok && setup->outputs.n == 0 && !s->doctor)
        ok = add_output(setup, "json", run_as, err);
    return ok && (!s->zmq || add_zmq(&setup->outputs, s->zmq, run_as, err));
}

static bool open_outputs(struct rx_setup *setup, struct err *err)
{
    const unsigned wanted = setup->settings->zmq_wait;
    const struct output_run run_as = { .live = rx_setup_is_live(setup), .stop = stop_flag() };
    if (!add_outputs(setup, &run_as, err))
        return false;
    unsigned there = outputs_wait(&setup->outputs, wanted, WAIT_LIMIT_MS);
    if (there < wanted && !stop_asked())
        fprintf(stderr, "%s: waited %d s for %u subscriber%s, %u came; going on\n", setup->me,
                WAIT_LIMIT_MS / 1000, wanted, wanted == 1 ? "" : "s", there);
    return true;
}

bool rx_setup_open(struct rx_setup *setup, struct err *err)
{
    return select_meters(&setup->selection, &setup->config, err) && open_decoder(setup, err) &&
           open_outputs(setup, err);
}

bool rx_setup_reload(struct rx_setup *setup, struct err *err)
{
    static struct config config;
    memset(&config, 0, sizeof config);
    bool ok = load_config(setup, &config, err) && check_drivers(setup, &config, err) &&
              merge(&config, setup->settings, err);
    if (ok && !decoder_set_meters(setup->decoder, config.meters, config.n_meters))
        ok = err_set(err, EXIT_INTERNAL, "out of memory");
    ok = ok && select_meters(&setup->selection, &config, err);
    config_wipe(&config);
    return ok;
}

bool rx_setup_close(struct rx_setup *setup, struct err *err)
{
    struct err ignored;
    bool ok = save_formats(setup, err);
    ok &= outputs_close(&setup->outputs, ok ? err : &ignored);
    decoder_close(setup->decoder);
    selection_deinit(&setup->selection);
    config_wipe(&setup->config);
    driver_set_free(&setup->drivers);
    return ok;
}
