/*
 * All prototypes and shared variables, grouped by file.
 */
#ifndef DEFS_H
#define DEFS_H

/* What the #BP stub pushes, lowest address first; ip to ss is the frame IRETQ takes. */
struct pt_regs {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	u64 orig_ax;
	u64 ip, cs, flags, sp, ss;
};

/* entry.S */
void		startup_64(void);
void		entry_de(void);
void		entry_nmi(void);
void		entry_bp(void);
void		entry_ud(void);
void		entry_df(void);
void		entry_gp(void);
void		entry_pf(void);
void		entry_timer(void);
void		entry_stop(void);
void		entry_sync(void);

/* boot.c */
extern u32	nr_cpus;
extern void	(*cpu_entry[MAX_CPUS])(void);
void		boot_cpu(u64 cpu);
void		workload_idle(void);

/* traps.c */
extern u8	boot_ist_nmi;
extern u8	boot_ist_bp;
void		traps_init(void);
void		traps_load(void);

/* panic.c */
void		panic(const char *message) __noreturn;
void		die(u64 vector) __noreturn;
void		die_int3(struct pt_regs *regs) __noreturn;
void		guest_assert_failed(const char *message) __noreturn __cold;

/* poke.c */
enum poke_kind { POKE_NOP, POKE_JMP, POKE_CALL };

struct poke_desc {
	u64 site;		/* address of the instruction */
	u64 target;		/* of the new JMP or CALL */
	u32 kind;		/* enum poke_kind of the new instruction */
	u32 len;
};

extern struct poke_desc	poke_desc[4];
extern u32	poke_armed;
extern u32	poke_refs;
extern int	(*int3_handler)(struct pt_regs *regs);
int		int3_emulate(struct pt_regs *regs);
int		int3_emulate_refs(struct pt_regs *regs);
int		int3_skip_nop(struct pt_regs *regs);
int		int3_emulate_call(struct pt_regs *regs);

/* text_poke.c */
extern u32	text_poke_sorted;
void		text_poke_queue(u64 address, const u8 *code, u32 len);
void		text_poke_finish(void);
void		text_poke_now(u64 address, const u8 *code, u32 len);

/* text_poke_int3.c */
int		int3_text_poke(struct pt_regs *regs);

/* patcher.c */
extern u32	text_poke_locked;
extern struct poke_desc	poke_batch[8];
extern u32	poke_batch_len;
extern u32	poke_batch_split;
void		patcher_main(void);
void		patcher_first(void);
void		patcher_second(void);

/* sync.c */
extern u32	sync_acks;
void		sync_cores(void);

/* stop.c */
extern u32	stop_request;
extern u32	stop_acks;
extern u32	stop_release;
extern u32	stop_serialize;
void		stop_poll(void);
void		stop_interrupt(void);

/* nmi.c */
extern void	(*nmi_handler)(void);
extern void	(*nmi_target)(void);
void		nmi_ack(void);
void		nmi_run_site(void);
void		nmi_ack_and_run(void);

/* timer.c */
extern void	(*timer_handler)(void);
void		timer_count(void);

#endif
