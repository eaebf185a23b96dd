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

static inline void gpio_copy(char *to, const char *from) {
    strncpy(to, from ? from : "", GPIO_NAME_BYTES - 1);
    to[GPIO_NAME_BYTES - 1] = 0;
}

#endif
