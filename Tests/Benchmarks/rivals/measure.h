/* What the rivals' programs share: the same seeded inputs as `katydid bench`, the same loops, the same JSON.

   RUNS samples are taken, each of BATCH inferences between two readings of the clock, as
   `katydid bench --runs RUNS --batch BATCH --warmup WARMUP` does. To count instructions, give one run and
   compare two batches: all else cancels. */
#pragma once
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIE(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

struct options { int runs, batch, warmup; };

static inline struct options parse_options(char **argument) {
    return (struct options){atoi(argument[0]), atoi(argument[1]), atoi(argument[2])};
}

static inline void *open_library(const char *path) {
    void *library = dlopen(path, RTLD_LAZY | RTLD_GLOBAL);
    if (!library) DIE("%s", dlerror());
    return library;
}

/* A function pointer of its caller's type. */
static inline void *symbol(void *library, const char *name) {
    void *function = dlsym(library, name);
    if (!function) DIE("%s", dlerror());
    return function;
}

static inline uint32_t next_random(void) {
    static uint32_t state = 12345;
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static inline void fill(void *bytes, size_t size, int is_float32) {
    if (is_float32)
        for (size_t i = 0; i < size / 4; i++) ((float *)bytes)[i] = (float)(next_random() & 0xffff) / 65536;
    else
        for (size_t i = 0; i < size; i++) ((uint8_t *)bytes)[i] = (uint8_t)next_random();
}

static inline double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e6 + now.tv_nsec * 1e-3;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* How many threads this process has: the table is of single-threaded inference. */
static inline int thread_count(void) {
    char line[256];
    int threads = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "Threads: %d", &threads) == 1) break;
    if (status) fclose(status);
    return threads;
}

static inline void measure(struct options options, const char *version, void (*work)(void *), void *context) {
    double *times = calloc(options.runs, sizeof *times);
    for (int i = 0; i < options.warmup; i++) work(context);
    for (int i = 0; i < options.runs; i++) {
        double start = now_us();
        for (int k = 0; k < options.batch; k++) work(context);
        times[i] = (now_us() - start) / options.batch;
    }
    qsort(times, options.runs, sizeof *times, compare_doubles);
    printf("{\"version\":\"%s\",\"threads\":%d,\"least_us\":%.4f,\"median_us\":%.4f}\n", version, thread_count(), times[0],
           times[options.runs / 2]);
    free(times);
}
