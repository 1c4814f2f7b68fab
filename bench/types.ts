// A benchmark: one goal of the project, measured. Goals are ratios of two things that ran side by side in this run, or sizes; a time by
// itself says more about the machine than about the code, so it is printed without a goal.

export interface Bench {
  /** As the goals are numbered: `P11`. */
  readonly id: string;
  /** What is measured, in a few words. */
  readonly title: string;
  /** Absent: only reported. */
  readonly goal?: Goal;
  /** How to print a value: `KB`, `x`, `ms`. */
  readonly unit: string;
  /** Resolves with the value, and what else a reader of the number wants to know. */
  run(): Promise<Measured | Skipped> | Measured | Skipped;
}

/** `most`: the less the better; `least`: the more the better. */
export type Goal =
  | { readonly most: number; readonly stretch?: number }
  | { readonly least: number; readonly stretch?: number };

export interface Measured {
  readonly value: number;
  readonly note?: string;
}
/** It cannot be measured on this machine, and why. */
export interface Skipped {
  readonly skipped: string;
}
