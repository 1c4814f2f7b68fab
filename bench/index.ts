// All benchmarks, in the order in which they are printed. To add one: a file that exports a `Bench`, and a line here.
import { p11 } from './p11.ts';

export const benches = [p11] as const;
