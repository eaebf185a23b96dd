// noise AMPLITUDE SEED : adds noise to raw int16 from standard input: flat, of so many steps at most, the same for the same seed.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    const int amplitude = atoi(argv[1]);
    uint64_t state = strtoull(argv[2], NULL, 0) * 2 + 1;
    for (int16_t sample; fread(&sample, 2, 1, stdin) == 1;) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        int sum = sample + (int)(state >> 33) % (2 * amplitude + 1) - amplitude;
        sample = (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
        if (fwrite(&sample, 2, 1, stdout) != 1) return 74;
    }
    return 0;
}
