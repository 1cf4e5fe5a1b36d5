/* CRC-32 (IEEE 802.3, zlib's): the checksum of job logs on the wire. */
#ifndef ARCHIVE_CRC32_H
#define ARCHIVE_CRC32_H

#include "base/str.h"

/* Goes on from `crc`; start with 0. */
uint32_t crc32_add(uint32_t crc, struct str bytes);

#endif
