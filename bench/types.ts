// A benchmark: one goal of the project, measured. Goals are ratios of two things that ran side by side in this run, or sizes; a time by
// itself says more about the machine than about the code, so it is printed without a goal.

export interface Bench {
  /** As the goals are numbered: `P11`. */
  readonly id: string;
  /** What is measured, in a few words. */
  readonly title: string;
  /** Absent: only reported. */
  readonly goal?: { readonly most: number; readonly stretch?: number };
  /** How to print a value: `KB`, `x`, `ms`. */
  readonly unit: string;
  /** Resolves with the value, and what else a reader of the number wants to know. */
  run(): Promise<Measured> | Measured;
}

export interface Measured {
  readonly value: number;
  readonly note?: string;
}
