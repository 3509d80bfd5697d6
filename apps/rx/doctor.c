/* SPDX-License-Identifier: MIT */
#include "apps/rx/doctor.h"

#include <inttypes.h>
#include <math.h>

#include "apps/common/exit_codes.h"
#include "apps/rx/diagnosis.h"
#include "apps/sources/usb_sticks.h"

/* Farther off, the channel's filter takes away from signals whose own clocks are wrong as well. */
static const double much_ppm = 30;

/* False: this one cannot be used. */
static bool tell_stick(const struct usb_stick *stick, FILE *to)
{
    struct err err;
    char name[4 * USB_NAME_SIZE];
    const bool ok = usb_stick_check(stick, &err);
    usb_stick_name(stick, name, sizeof name);
    fprintf(to, "dongle: %s, at %s: %s\n", name, stick->node,
            ok ? "can be used" : "cannot be used");
    if (!ok)
        fprintf(to, "  %s\n", err.text);
    if (usb_stick_has_dvb_driver(stick))
        fprintf(to, "  the kernel's driver %s has it; wmbus-rx takes it away while it runs\n",
                stick->driver);
    if (stick->is_blog_v4)
        fprintf(to, "  %s\n", usb_blog_v4_advice);
    return ok;
}

bool doctor_look_for_dongles(const char *root, const struct text_list *sources, FILE *to,
                             struct err *err)
{
    struct usb_stick sticks[USB_STICKS_MAX];
    bool wanted = false, usable = false;
    for (size_t k = 0; k < sources->n; k++)
        wanted |= source_is_dongle(sources->items[k]);
    if (!wanted)
        return true;
    const size_t n = usb_sticks_find(root, sticks);
    if (n == 0)
        return err_set(err, EXIT_DEVICE,
                       "no dongle is plugged in: none of the USB devices has an RTL2832U (lsusb "
                       "lists them all); try another socket, without a hub or an extension cable");
    for (size_t k = 0; k < n; k++)
        usable |= tell_stick(&sticks[k], to);
    return usable || err_set(err, EXIT_DEVICE, "no dongle can be used, for the reason told above");
}

static void tell_frequency(const struct examination *found, FILE *to)
{
    const char *more =
        found->recorded ? "a longer recording may hold more" : "--seconds N listens for longer";
    if (ppm_is_known(&found->ppm))
        fprintf(to, "frequency: wrong by %+.0f ppm, give or take %.0f\n",
                round(found->ppm.ppm) + 0.0 /* not -0 */, ceil(found->ppm.sure_ppm));
    else if (found->ppm.n_meters < ppm_least_meters())
        fprintf(to, "frequency: its error is not known: that takes %zu meters or more; %s\n",
                ppm_least_meters(), more);
    else
        fprintf(to, "frequency: its error is not known: the %zu meters heard differ too much; %s\n",
                found->ppm.n_meters, more);
}

static void tell_figures(const struct examination *found, const struct vitals *vitals, FILE *to)
{
    const struct receiver_stats *radio = &found->summary->radio;
    fprintf(to, "samples: %" PRIu64 " in %.1f s, %" PRIu64 " lost\n", radio->samples,
            found->live ? found->worked_s : found->summary->recorded_s, radio->samples_lost);
    if (radio->samples == 0)
        return;
    fprintf(to, "clipped: %.2f %%; noise of the band: %.1f dBFS\n", 100 * vitals->clipped,
            vitals->noise_dbfs);
    fprintf(to,
            "heard: %" PRIu64 " bursts, %" PRIu64 " sync words, %" PRIu64
            " telegrams of %zu meters, %" PRIu64 " with wrong CRCs\n",
            radio->bursts, radio->syncs, radio->frames_ok, found->n_meters, radio->frames_bad_crc);
    if (radio->frames_ok > 0)
        tell_frequency(found, to);
}

bool doctor_judge(const struct examination *found, FILE *to)
{
    const struct condition condition = {
        .radio = found->summary->radio,
        .seconds = found->summary->recorded_s,
        .vitals = vitals_of(&found->summary->radio),
        .eight_bits = found->eight_bits,
        .recorded = found->recorded,
    };
    bool well = true;
    tell_figures(found, &condition.vitals, to);
    for (const struct finding *f = NULL; (f = diagnosis_next(&condition, f)); well = false)
        fprintf(to, "wrong: %s\n", f->advice);
    if (ppm_is_known(&found->ppm) && fabs(found->ppm.ppm) > much_ppm) {
        fprintf(to,
                "wrong: the device's oscillator is far off, and weak meters may be missed: start "
                "wmbus-rx with -p %.0f%s\n",
                found->ppm.ppm, found->recorded ? "" : ", or with --auto-ppm");
        well = false;
    }
    if (well)
        fprintf(to, "all is well\n");
    return well;
}
