// The interface over libgpiod 1.x (Debian 12). Functions that fail return NULL or -1 and set errno.

#include "types.h"

/// Copies the chip's name (`gpiochip0`) and label (`pinctrl-bcm2711`) and returns how many lines it has.
static inline int gpio_chip_about(struct gpiod_chip *chip, char *name, char *label) {
    gpio_copy(name, gpiod_chip_name(chip));
    gpio_copy(label, gpiod_chip_label(chip));
    return (int)gpiod_chip_num_lines(chip);
}

static inline int gpio_line_about(struct gpiod_chip *chip, unsigned offset, struct gpio_line *line) {
    struct gpiod_line *l = gpiod_chip_get_line(chip, offset);
    if (!l) return -1;
    gpio_copy(line->name, gpiod_line_name(l));
    gpio_copy(line->consumer, gpiod_line_consumer(l));
    line->used = gpiod_line_is_used(l);
    line->output = gpiod_line_direction(l) == GPIOD_LINE_DIRECTION_OUTPUT;
    line->active_low = gpiod_line_active_state(l) == GPIOD_LINE_ACTIVE_STATE_LOW;
    return 0;
}

/// Takes the line as an output at level `active`; `active_low` turns the voltage round. It is part of the chip.
static inline struct gpiod_line *gpio_request_output(struct gpiod_chip *chip, unsigned offset, const char *consumer,
                                                     bool active_low, bool active) {
    struct gpiod_line *l = gpiod_chip_get_line(chip, offset);
    int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    return l && !gpiod_line_request_output_flags(l, consumer, flags, active) ? l : NULL;
}

static inline int gpio_set(struct gpiod_line *line, unsigned offset, bool active) {
    (void)offset;
    return gpiod_line_set_value(line, active);
}

static inline void gpio_release(struct gpiod_line *line) { gpiod_line_release(line); }
