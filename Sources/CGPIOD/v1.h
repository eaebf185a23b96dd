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

static inline int gpio_flags(struct gpio_wiring w) {
    return (w.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0) |
           (w.bias == GPIO_BIAS_NONE   ? GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE
            : w.bias == GPIO_BIAS_UP   ? GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP
            : w.bias == GPIO_BIAS_DOWN ? GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN : 0) |
           (w.drive == GPIO_DRIVE_OPEN_DRAIN    ? GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN
            : w.drive == GPIO_DRIVE_OPEN_SOURCE ? GPIOD_LINE_REQUEST_FLAG_OPEN_SOURCE : 0);
}

/// Takes the line as an output at level `active`. It is part of the chip.
static inline struct gpiod_line *gpio_request_output(struct gpiod_chip *chip, unsigned offset, const char *consumer,
                                                     struct gpio_wiring wiring, bool active) {
    struct gpiod_line *l = gpiod_chip_get_line(chip, offset);
    return l && !gpiod_line_request_output_flags(l, consumer, gpio_flags(wiring), active) ? l : NULL;
}

/// Takes the line as an input that reports both edges.
static inline struct gpiod_line *gpio_request_input(struct gpiod_chip *chip, unsigned offset, const char *consumer,
                                                    struct gpio_wiring wiring) {
    struct gpiod_line *l = gpiod_chip_get_line(chip, offset);
    return l && !gpiod_line_request_both_edges_events_flags(l, consumer, gpio_flags(wiring)) ? l : NULL;
}

/// Readable when there are edges.
static inline int gpio_event_fd(struct gpiod_line *line) { return gpiod_line_event_get_fd(line); }

/// Takes one edge out of the queue: its time in ns of CLOCK_MONOTONIC, or -1.
static inline int64_t gpio_read_edge(struct gpiod_line *line, bool *active) {
    struct gpiod_line_event event;
    if (gpiod_line_event_read(line, &event)) return -1;
    *active = event.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
    return (int64_t)event.ts.tv_sec * 1000000000 + event.ts.tv_nsec;
}

/// 1 active, 0 inactive, -1 with errno.
static inline int gpio_get(struct gpiod_line *line, unsigned offset) {
    (void)offset;
    return gpiod_line_get_value(line);
}

static inline int gpio_set(struct gpiod_line *line, unsigned offset, bool active) {
    (void)offset;
    return gpiod_line_set_value(line, active);
}

static inline void gpio_release(struct gpiod_line *line) { gpiod_line_release(line); }
