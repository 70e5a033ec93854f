/*
 * The local APIC in x2APIC mode: each register is an MSR.
 */
#ifndef APIC_H
#define APIC_H

#include "cpu.h"

/*
 * Interrupts all other CPUs.  Unlike any other WRMSR this one does not
 * serialize and may overtake earlier stores: MFENCE first if the receivers are
 * to see them (SDM vol 3A, "MSR Access in x2APIC Mode").
 */
__inline void apic_send_all_but_self(u32 vector)
{
	wrmsr(MSR_X2APIC_ICR, ICR_ALL_BUT_SELF | vector);
}

/* Starts the one-shot timer; VECTOR_TIMER comes some time after. */
__inline void apic_timer_arm(u32 count)
{
	wrmsr(MSR_X2APIC_TIMER_COUNT, count);
}

#endif
