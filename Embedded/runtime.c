// What Embedded Swift expects of a platform, and nothing else: the module imports nothing.

#include <stddef.h>
#include <stdint.h>

extern unsigned char __heap_base;

// Blocks come in powers of two, from a list of freed ones of their size or from the end of memory. The eight bytes
// before a block hold its size's exponent and, for blocks that were moved up to be aligned, how far.
struct block {
    struct block *next;
};

static struct block *freed[32];
static uintptr_t end_of_used;
static uintptr_t end_of_memory;

static void *take(unsigned exponent) {
    if (freed[exponent]) {
        struct block *block = freed[exponent];
        freed[exponent] = block->next;
        return block;
    }
    if (!end_of_used) {
        end_of_used = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
        end_of_memory = __builtin_wasm_memory_size(0) << 16;
    }
    uintptr_t size = (uintptr_t)1 << exponent;
    if (end_of_memory - end_of_used < size) {
        uintptr_t pages = (size + 0xffff) >> 16;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) __builtin_trap();
        end_of_memory += pages << 16;
    }
    void *block = (void *)end_of_used;
    end_of_used += size;
    return block;
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment < 16) alignment = 16;
    if (size > 0x40000000) __builtin_trap();
    unsigned exponent = 5;
    while (((size_t)1 << exponent) < size + alignment) exponent++;
    uintptr_t block = (uintptr_t)take(exponent);
    uintptr_t start = (block + 8 + alignment - 1) & ~(uintptr_t)(alignment - 1);
    ((uint32_t *)start)[-1] = exponent;
    ((uint32_t *)start)[-2] = (uint32_t)(start - block);
    *result = (void *)start;
    return 0;
}

void *malloc(size_t size) {
    void *result;
    posix_memalign(&result, 16, size);
    return result;
}

void free(void *memory) {
    if (!memory) return;
    unsigned exponent = ((uint32_t *)memory)[-1];
    struct block *block = (struct block *)((uintptr_t)memory - ((uint32_t *)memory)[-2]);
    block->next = freed[exponent];
    freed[exponent] = block;
}

// The compiler must not turn these loops into calls of themselves: built with -fno-builtin.

void *memmove(void *to, const void *from, size_t count) {
    unsigned char *target = to;
    const unsigned char *source = from;
    if (target <= source) {
        for (size_t i = 0; i < count; i++) target[i] = source[i];
    } else {
        for (size_t i = count; i > 0; i--) target[i - 1] = source[i - 1];
    }
    return to;
}

void *memcpy(void *to, const void *from, size_t count) { return memmove(to, from, count); }

void *memset(void *to, int value, size_t count) {
    for (size_t i = 0; i < count; i++) ((unsigned char *)to)[i] = (unsigned char)value;
    return to;
}

int memcmp(const void *one, const void *two, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int difference = ((const unsigned char *)one)[i] - ((const unsigned char *)two)[i];
        if (difference) return difference;
    }
    return 0;
}

// Seeds of hash tables: a fixed sequence will do for a test.
void arc4random_buf(void *buffer, size_t count) {
    static uint32_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        ((unsigned char *)buffer)[i] = (unsigned char)(state >> 24);
    }
}

// Full products of 64 bits, as compiler-rt gives them on other platforms.
__int128 __multi3(__int128 a, __int128 b) {
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    uint64_t low = (x & 0xffffffff) * (y & 0xffffffff);
    uint64_t middle = (x >> 32) * (y & 0xffffffff) + (low >> 32);
    uint64_t other = (x & 0xffffffff) * (y >> 32) + (middle & 0xffffffff);
    uint64_t high = (x >> 32) * (y >> 32) + (middle >> 32) + (other >> 32);
    high += (uint64_t)(a >> 64) * y + x * (uint64_t)(b >> 64);
    return (__int128)high << 64 | (other << 32 | (low & 0xffffffff));
}

uintptr_t __stack_chk_guard = 0x5ca1ab1e;
void __stack_chk_fail(void) { __builtin_trap(); }
