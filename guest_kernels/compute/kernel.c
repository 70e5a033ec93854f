/*
 * A CPU that computes for a long time between two calls, on memory that is all
 * its own: nobody can tell how far it has got.
 */
#include "../lib/kgraft.h"
#include "../lib/cpu.h"

#define BUFFER_SIZE	512
#define POLYNOMIAL	0xedb88320	/* CRC-32, as in Ethernet, bits reversed */
#define RESIDUE		0xdebb20e3	/* of a message with its own CRC behind it */

/* How often the buffer goes into one checksum: some 42,000 instructions each time. */
u32 checksum_rounds __ro_after_init = 24;

/* The version of the format; a patch makes it 2. */
__patchable int version(void)
{
	return opaque(1);
}

static noinline notrace u32 crc32_byte(u32 crc, u8 byte)
{
	int bit;

	crc ^= byte;
	for (bit = 0; bit < 8; bit++)
		crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
	return crc;
}

static noinline notrace u32 crc32(u32 crc, const u8 *data, u32 size)
{
	while (size--)
		crc = crc32_byte(crc, *data++);
	return crc;
}

static notrace void fill(u8 *data)
{
	u32 i;

	for (i = 0; i < BUFFER_SIZE; i++)
		data[i] = i;
}

/* The checksum of a buffer on the stack, many times over, must be one that checks itself. */
static noinline notrace void checksum(void)
{
	u8 data[BUFFER_SIZE];
	u32 crc = ~0u, i, sum;

	fill(data);
	for (i = 0; i < checksum_rounds; i++)
		crc = crc32(crc, data, BUFFER_SIZE);
	sum = ~crc;
	guest_assert(crc32(crc, (const u8 *)&sum, sizeof(sum)) == RESIDUE);
}

/* Computes, calls, and again. */
notrace void workload_checksum(void)
{
	forget_cpu();
	for (;;) {
		int found;

		checksum();
		found = version();
		guest_assert(found == 1 || found == 2);
	}
}
