/*
 * Functions this code base does not use. The build force-includes this file
 * (-include forge/base/banned.h), so using one is a compile error whose text
 * names the reason. After: git's banned.h.
 *
 * It includes the system headers that declare these names first, so that
 * poisoning them cannot break a later include.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BANNED(name, instead) name##_is_banned_use_##instead

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, buf_or_arena)
#undef strcat
#define strcat(a, b) BANNED(strcat, buf)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy, str_copy)
#undef strncat
#define strncat(a, b, n) BANNED(strncat, buf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, buf_addf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, buf_vaddf)
#undef strtok
#define strtok(a, b) BANNED(strtok, str_cut)
#undef gmtime
#define gmtime(t) BANNED(gmtime, instant_format)
#undef localtime
#define localtime(t) BANNED(localtime, instant_format)
#undef ctime
#define ctime(t) BANNED(ctime, instant_format)
#undef atoi
#define atoi(s) BANNED(atoi, str_to_i64)
#undef atol
#define atol(s) BANNED(atol, str_to_i64)
#undef system
#define system(s) BANNED(system, posix_spawn)
#undef popen
#define popen(a, b) BANNED(popen, posix_spawn)

#ifndef BASE_ALLOCATES
#undef malloc
#define malloc(n) BANNED(malloc, mem_new)
#undef calloc
#define calloc(n, s) BANNED(calloc, mem_new)
#undef realloc
#define realloc(p, n) BANNED(realloc, mem_grow)
#endif

#endif
