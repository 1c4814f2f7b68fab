import type { TcpFlags } from '../../wire/types.ts';

/** S F R P U, then A; `.` for none: the recordings' order. */
export const flagLetters = (f: TcpFlags): string =>
  `${f.syn ? 'S' : ''}${f.fin ? 'F' : ''}${f.rst ? 'R' : ''}${f.psh ? 'P' : ''}${f.urg ? 'U' : ''}${f.ack ? 'A' : ''}` ||
  '.';
