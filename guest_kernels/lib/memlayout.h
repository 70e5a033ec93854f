/*
 * Guest memory layout.  Addresses are flat: there is no paging.
 *
 * ffff888000000000  per-CPU blocks, one every 0x10000; GS base points at the block of the CPU
 *   +0000           data other CPUs may touch     (.data..percpu..shared_aligned, linked from 0x40)
 *   +1000           data only this CPU touches    (.data..percpu, linked from 0x1000): GDT, TSS, ...
 *   +4000           #DF stack (IST1)
 *   +5000           NMI stack (IST2)
 *   +6000           #BP stack (IST3)
 *   +7000           main stack
 *   +8000           end
 * ffff888101000000  kernel text again, writable: the mapping text_poke() writes through
 * ffff888201230000  module text again, writable
 * ffffffff81000000  kernel text, then rodata, ro-after-init, data, bss
 * ffffffffa0000000  routines of a generated patcher
 * ffffffffc1230000  patch modules
 */
#ifndef MEMLAYOUT_H
#define MEMLAYOUT_H

#define PERCPU_BASE		0xffff888000000000
#define PERCPU_SHIFT		16

#define IST_DF_TOP		0x5000		/* a stack grows down from its top */
#define IST_NMI_TOP		0x6000
#define IST_BP_TOP		0x7000

#define KERNEL_TEXT		0xffffffff81000000
#define KERNEL_TEXT_ALIAS	0xffff888101000000
#define MODULE_TEXT		0xffffffffc1230000
#define MODULE_TEXT_ALIAS	0xffff888201230000

#define MAX_CPUS		16

#endif
