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

static inline struct gpiod_line_request *gpio_request_output(struct gpiod_chip *chip, unsigned offset,
                                                             const char *consumer, bool active_low, bool active) {
    struct gpiod_line_request *request = NULL;
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *lines = gpiod_line_config_new();
    struct gpiod_request_config *config = gpiod_request_config_new();
    if (settings && lines && config) {
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
        gpiod_line_settings_set_active_low(settings, active_low);
        gpiod_line_settings_set_output_value(settings, active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
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

static inline int gpio_set(struct gpiod_line_request *line, unsigned offset, bool active) {
    return gpiod_line_request_set_value(line, offset, active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}

static inline void gpio_release(struct gpiod_line_request *line) { gpiod_line_request_release(line); }
