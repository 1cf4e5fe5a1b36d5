/*
 * Attributes, assertions and narrowing: the few macros every file may use.
 *
 * ASSERT states what cannot happen unless *this program* is wrong; it stays on
 * in release builds and aborts (the supervisor starts the process again).
 * Input from outside is never asserted: it is checked and answered with an error.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define UNUSED __attribute__((unused))
#define NORETURN __attribute__((noreturn))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Reports the failed condition on stderr and aborts. Async-signal-safe. */
NORETURN void assert_failed(const char *condition, const char *file, int line);

#define ASSERT(condition) ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))

/*
 * Narrowing that asserts. For values this program computed; a number from
 * outside is range-checked first and refused with a sentence.
 */
int int_from_size(size_t n);
uint32_t u32_from_size(size_t n);
size_t size_from_i64(int64_t n);
int64_t i64_from_size(size_t n);

#endif
