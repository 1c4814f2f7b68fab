// All benchmarks, in the order in which they are printed. To add one: a file that exports a `Bench`, and a line here.
import { c1 } from './c1.ts';
import { j1 } from './j1.ts';
import { p1 } from './p1.ts';
import { p11 } from './p11.ts';
import { p2 } from './p2.ts';
import { p3 } from './p3.ts';
import { p5 } from './p5.ts';
import { p6 } from './p6.ts';

export const benches = [j1, c1, p1, p2, p3, p5, p6, p11] as const;
