import { describe, expect, it } from 'vitest';
import { validFlags } from './tcp.ts';

const flags = (text: string): Parameters<typeof validFlags>[0] => ({
  fin: text.includes('F'),
  syn: text.includes('S'),
  rst: text.includes('R'),
  psh: text.includes('P'),
  ack: text.includes('A'),
  urg: text.includes('U'),
});

describe('tcp_valid_flags', () => {
  it.each(['S', 'SU', 'SA', 'R', 'RA', 'A', 'PA', 'UA', 'FA', 'FPUA', 'RPA'])(
    'knows %s',
    (text) => {
      expect(validFlags(flags(text))).toBe(true);
    },
  );
  it.each(['', 'P', 'F', 'U', 'SF', 'SR', 'FR', 'SAU', 'RU', 'FPU'])('refuses "%s"', (text) => {
    expect(validFlags(flags(text))).toBe(false);
  });
});
