/*
 * What the kernel and its patches agree on.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include "../lib/kgraft.h"

#define EINVAL		22
#define EBADF		9
#define ENOSYS		38

#define SYS_READ_SLOT	0
#define SYS_GET_VERSION	1
#define NR_SYSCALLS	2

#define NSLOTS		4

/* Read-only; slot n holds SLOT_VALUE(n), and what follows is nobody's business. */
struct vault {
	long slot[NSLOTS];
	long secret;
};

#define SLOT_VALUE(n)	(100 + (n))
#define SECRET		0x5ec7e7

/* A handle names a slot between slot_handle() and handle_read(): where it lies, and a tag. */
#define HANDLE_OFFSET(handle)	((handle) & 0xff)
#define HANDLE_TAG(handle)	((handle) >> 8)

/* kernel.c */
long		do_syscall(u64 nr, u64 arg);
long		sys_read_slot(u64 index);
long		sys_get_version(u64 unused);
u64		slot_handle(u64 index);
long		handle_read(u64 handle);

#endif
