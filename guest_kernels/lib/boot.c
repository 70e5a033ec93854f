/*
 * What a CPU does once: its GDT, its TSS with the interrupt stacks, the IDT.
 */
#include "percpu.h"
#include "cpu.h"

#define GDT_CODE	0x00af9b000000ffff	/* 64-bit code, present, accessed */
#define GDT_DATA	0x00cf93000000ffff	/* writable data, present, accessed */
#define GDT_TSS		0x0000890000000000	/* available 64-bit TSS, present */

/*
 * Hardware layout; the processor reads ist[n - 1] when a gate names stack n.
 * The table proper begins at reserved0, four bytes in, so that the addresses
 * in it lie on multiples of eight.
 */
struct tss {
	u32 padding;
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 io_bitmap;
} __packed __aligned(8);

#define TSS_SIZE (sizeof(struct tss) - __builtin_offsetof(struct tss, reserved0))

DEFINE_PER_CPU(u64, gdt[6]);
DEFINE_PER_CPU(struct tss, tss);

/* How many CPUs there are, and what each runs.  Written by the simulator. */
u32 nr_cpus __ro_after_init = 1;
void (*cpu_entry[MAX_CPUS])(void) __ro_after_init = { [0 ... MAX_CPUS - 1] = workload_idle };

/* Nothing: the CPU halts at cpu_done and takes interrupts there. */
notrace void workload_idle(void)
{
}

/* LGDT; CS and SS hold the right selectors from the start. */
__inline void load_gdt(u64 *table)
{
	struct {
		u16 limit;
		u64 base;
	} __packed pointer = { sizeof(gdt) - 1, (u64)table };

	__asm__ volatile("lgdt %0" :: "m"(pointer));
}

/* LTR; marks the descriptor busy. */
__inline void load_tss(void)
{
	__asm__ volatile("ltr %w0" :: "r"(TSS_SELECTOR));
}

/*
 * Called on every CPU, with interrupts off and on its own stack.  GS base
 * comes first: per-CPU variables mean nothing before.
 */
notrace void boot_cpu(u64 cpu)
{
	u64 base = PERCPU_BASE + (cpu << PERCPU_SHIFT);
	u64 *table = per_cpu_ptr(gdt[0], cpu);
	struct tss *stacks = per_cpu_ptr(tss, cpu);
	u64 address = (u64)&stacks->reserved0;

	wrmsr(MSR_GS_BASE, base);

	stacks->ist[0] = base + IST_DF_TOP;
	stacks->ist[1] = base + IST_NMI_TOP;
	stacks->ist[2] = base + IST_BP_TOP;

	table[KERNEL_CS / 8] = GDT_CODE;
	table[KERNEL_DS / 8] = GDT_DATA;
	table[TSS_SELECTOR / 8] = GDT_TSS | (TSS_SIZE - 1) |
				  (address & 0xffffff) << 16 | (address >> 24 & 0xff) << 56;
	table[TSS_SELECTOR / 8 + 1] = address >> 32;
	load_gdt(table);
	load_tss();

	if (cpu == 0)
		traps_init();
	traps_load();
}
