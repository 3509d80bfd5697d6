/* SPDX-License-Identifier: MIT
 * Units in driver files: that of the name, and those that a quantity can have. */
#include <string.h>

#include "apps/drivers/driver_rule_reader.h"
#include "decode/driver_unit.h"

/* The unit that the name ends in must be one the quantity can have; who writes VIF or VIFEs in hex
 * knows what they are. */
static bool check_code(struct rule_reader *rr, const struct driver_unit *unit,
                       const struct vif_row *row)
{
    const struct driver_unit *from = row->quantity && row->data <= VIF_UNSIGNED
                                         ? driver_unit_find(vif_units[row->unit].name)
                                         : NULL;
    if (!from)
        return true;
    if (strcmp(from->dimension, unit->dimension) != 0)
        return rr->draft->rule.record->vib_n ||
               reader_fail(rr->r, rr->s, rr->node, "field %s: %s is no unit of %s",
                           rr->draft->rule.name, unit->name, row->quantity);
    if (strcmp(from->name, unit->name) != 0)
        rr->draft->rule.unit = unit->name;
    return true;
}

/* Of a VIF without manufacturer's VIFEs, whose unit may be any. */
static bool check_vib(struct rule_reader *rr, const struct driver_unit *unit,
                      const struct driver_selector *s)
{
    uint8_t vif = s->vib[0] & 0x7F;
    bool extended = vif == 0x7B || vif == 0x7D;
    if (s->vib_n != 1u + extended || vif == 0x7F || vif == 0x7C)
        return true;
    enum vif_table table = vif == 0x7B ? VIF_FB : vif == 0x7D ? VIF_FD : VIF_PRIMARY;
    return check_code(rr, unit, vif_find(table, s->vib[s->vib_n - 1]));
}

bool rule_unit(struct rule_reader *rr)
{
    struct driver_rule *rule = &rr->draft->rule;
    const struct driver_unit *unit = driver_unit_of_name(rule->name);
    const struct driver_selector *record = rule->record;
    if (!unit || !record || rule->lookup || rule->is_raw || record->n_qualifiers ||
        rule->type == DRIVER_DATE)
        return true;
    if (!record->codes)
        return check_vib(rr, unit, record);
    for (unsigned code = 0; code < N_VIF_TABLES * 128; code++)
        if (record->codes->bits[code / 64] >> (code % 64) & 1 &&
            !check_code(rr, unit, vif_find((enum vif_table)(code / 128), code % 128)))
            return false;
    return true;
}
