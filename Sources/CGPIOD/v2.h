// The interface over libgpiod 2.x (Debian 13, today's Raspberry Pi OS): see v1.h for what each function means.

#include "types.h"

static inline int gpio_chip_about(struct gpiod_chip *chip, char *name, char *label) {
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    if (!info) return -1;
    gpio_copy(name, gpiod_chip_info_get_name(info));
    gpio_copy(label, gpiod_chip_info_get_label(info));
    int lines = (int)gpiod_chip_info_get_num_lines(info);
    gpiod_chip_info_free(info);
    return lines;
}

static inline int gpio_line_about(struct gpiod_chip *chip, unsigned offset, struct gpio_line *line) {
    struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);
    if (!info) return -1;
    gpio_copy(line->name, gpiod_line_info_get_name(info));
    gpio_copy(line->consumer, gpiod_line_info_get_consumer(info));
    line->used = gpiod_line_info_is_used(info);
    line->output = gpiod_line_info_get_direction(info) == GPIOD_LINE_DIRECTION_OUTPUT;
    line->active_low = gpiod_line_info_is_active_low(info);
    gpiod_line_info_free(info);
    return 0;
}

static inline void gpio_wire(struct gpiod_line_settings *settings, struct gpio_wiring w) {
    gpiod_line_settings_set_active_low(settings, w.active_low);
    gpiod_line_settings_set_bias(settings, w.bias == GPIO_BIAS_NONE   ? GPIOD_LINE_BIAS_DISABLED
                                           : w.bias == GPIO_BIAS_UP   ? GPIOD_LINE_BIAS_PULL_UP
                                           : w.bias == GPIO_BIAS_DOWN ? GPIOD_LINE_BIAS_PULL_DOWN : GPIOD_LINE_BIAS_AS_IS);
    gpiod_line_settings_set_drive(settings, w.drive == GPIO_DRIVE_OPEN_DRAIN    ? GPIOD_LINE_DRIVE_OPEN_DRAIN
                                            : w.drive == GPIO_DRIVE_OPEN_SOURCE ? GPIOD_LINE_DRIVE_OPEN_SOURCE
                                                                                : GPIOD_LINE_DRIVE_PUSH_PULL);
}

/// Requests one line with `settings`, which may be NULL, and frees them.
static inline struct gpiod_line_request *gpio_request(struct gpiod_chip *chip, unsigned offset, const char *consumer,
                                                      struct gpiod_line_settings *settings) {
    struct gpiod_line_request *request = NULL;
    struct gpiod_line_config *lines = gpiod_line_config_new();
    struct gpiod_request_config *config = gpiod_request_config_new();
    if (settings && lines && config) {
        gpiod_request_config_set_consumer(config, consumer);
        if (!gpiod_line_config_add_line_settings(lines, &offset, 1, settings))
            request = gpiod_chip_request_lines(chip, config, lines);
    }
    // free(3) may change errno, which says why the request was refused.
    int error = errno;
    if (config) gpiod_request_config_free(config);
    if (lines) gpiod_line_config_free(lines);
    if (settings) gpiod_line_settings_free(settings);
    errno = error;
    return request;
}

static inline struct gpiod_line_request *gpio_request_output(struct gpiod_chip *chip, unsigned offset,
                                                             const char *consumer, struct gpio_wiring wiring, bool active) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    if (settings) {
        gpio_wire(settings, wiring);
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
        gpiod_line_settings_set_output_value(settings, active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
    }
    return gpio_request(chip, offset, consumer, settings);
}

static inline struct gpiod_line_request *gpio_request_input(struct gpiod_chip *chip, unsigned offset,
                                                            const char *consumer, struct gpio_wiring wiring) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    if (settings) {
        gpio_wire(settings, wiring);
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
        gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
    }
    return gpio_request(chip, offset, consumer, settings);
}

static inline int gpio_event_fd(struct gpiod_line_request *line) { return gpiod_line_request_get_fd(line); }

static inline int64_t gpio_read_edge(struct gpiod_line_request *line, bool *active) {
    // One buffer for the life of the program: reading an edge must not allocate.
    static struct gpiod_edge_event_buffer *buffer;
    if (!buffer && !(buffer = gpiod_edge_event_buffer_new(1))) return -1;
    if (gpiod_line_request_read_edge_events(line, buffer, 1) < 1) return -1;
    struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(buffer, 0);
    *active = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
    return (int64_t)gpiod_edge_event_get_timestamp_ns(event);
}

static inline int gpio_get(struct gpiod_line_request *line, unsigned offset) {
    enum gpiod_line_value value = gpiod_line_request_get_value(line, offset);
    return value == GPIOD_LINE_VALUE_ERROR ? -1 : value == GPIOD_LINE_VALUE_ACTIVE;
}

static inline int gpio_set(struct gpiod_line_request *line, unsigned offset, bool active) {
    return gpiod_line_request_set_value(line, offset, active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}

static inline void gpio_release(struct gpiod_line_request *line) { gpiod_line_request_release(line); }
