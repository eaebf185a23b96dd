// What both versions of libgpiod fill in.

#ifndef KATYDID_GPIOD_TYPES_H
#define KATYDID_GPIOD_TYPES_H

// The kernel's own limit for names, labels and consumers, with their zero.
#define GPIO_NAME_BYTES 32

/// What is known of a line without requesting it. Strings are empty where there is none.
struct gpio_line {
    char name[GPIO_NAME_BYTES];
    char consumer[GPIO_NAME_BYTES];
    bool used;
    bool output;
    bool active_low;
};

enum gpio_bias { GPIO_BIAS_AS_IS, GPIO_BIAS_NONE, GPIO_BIAS_UP, GPIO_BIAS_DOWN };
enum gpio_drive { GPIO_DRIVE_PUSH_PULL, GPIO_DRIVE_OPEN_DRAIN, GPIO_DRIVE_OPEN_SOURCE };

/// How a line is wired. `active_low` turns the voltage round; `drive` is for outputs.
struct gpio_wiring {
    bool active_low;
    enum gpio_bias bias;
    enum gpio_drive drive;
};

static inline void gpio_copy(char *to, const char *from) {
    strncpy(to, from ? from : "", GPIO_NAME_BYTES - 1);
    to[GPIO_NAME_BYTES - 1] = 0;
}

#endif
