#!/usr/bin/env python3
"""A client of receive-pack that says what git never would.

usage: raw_push.py FRONT PROJECT WHAT [REF]
Prints the server's answer as text. WHAT: garbage, truncated, hangup, empty,
bomb, many-objects, probe, no-flush, twice, name (REF is created at OID from
the environment), sha256, cert.
"""
import hashlib
import os
import re
import struct
import subprocess
import sys
import zlib

ZERO = '0' * 40


def pkt(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b'%04x' % (len(data) + 4) + data


def size_bytes(kind, size):
    out = bytearray()
    byte = kind << 4 | size & 15
    size >>= 4
    while size:
        out.append(byte | 128)
        byte = size & 127
        size >>= 7
    out.append(byte)
    return bytes(out)


def varint(n):
    out = bytearray()
    while True:
        out.append(n & 127 | (128 if n > 127 else 0))
        n >>= 7
        if not n:
            return bytes(out)


def pack(objects, count=None):
    data = b'PACK' + struct.pack('>II', 2, len(objects) if count is None else count)
    data += b''.join(objects)
    return data + hashlib.sha1(data).digest()


def blob(content):
    return size_bytes(3, len(content)) + zlib.compress(content, 9)


def blob_name(size):
    return hashlib.sha1(b'blob %d\0' % size + b'\0' * size).digest()


def grow(base_name, base_size, times, take):
    """A delta that repeats the first `take` bytes of its base."""
    copy = bytes([0x80 | 0x70, take & 255, take >> 8 & 255, take >> 16 & 255])
    delta = varint(base_size) + varint(times * take) + copy * times
    return size_bytes(7, len(delta)) + base_name + zlib.compress(delta, 9)


def bomb():
    """A megabyte of zeros, then 64 MB of it, then 4 GB of that."""
    mib = 1 << 20
    return pack([blob(b'\0' * mib), grow(blob_name(mib), mib, 64, mib),
                 grow(blob_name(64 * mib), 64 * mib, 256, 0xffffff)])


def main():
    front, project, what = sys.argv[1:4]
    ref = sys.argv[4] if len(sys.argv) > 4 else 'refs/heads/x'
    oid = os.environ.get('OID', '1' * 40)
    caps = '\0report-status side-band-64k'
    if what == 'sha256':
        caps += ' object-format=sha256'
    command = pkt(f'{ZERO} {oid} {ref}{caps}')
    body = {
        'garbage': command + b'0000' + b'this is no pack at all, but long enough to be one',
        'truncated': command + b'0000' + pack([blob(b'abc' * 1000)])[:40],
        'hangup': command,
        'empty': command + b'0000' + pack([]),
        'name': command + b'0000' + pack([]),
        'bomb': command + b'0000' + (bomb() if what == 'bomb' else b''),
        'many-objects': command + b'0000' + pack([], 0xffffffff),
        'probe': b'0000',
        'no-flush': b'zzzz',
        'twice': command + command + b'0000' + pack([]),
        'sha256': command + b'0000' + pack([]),
        'cert': pkt('push-cert\0x') + b'0000',
    }[what]
    p = subprocess.Popen([front, f"git-receive-pack '/{project}'"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out, _ = p.communicate(body)
    except BrokenPipeError:
        out = p.stdout.read()
    text = out.decode('utf-8', 'replace')
    print(re.sub(r'[0-9a-f]{4}([\x01\x02\x03])?(?=[a-z ]|$)', '\n', text))


main()
