import { describe, expect, it } from 'vitest';
import { whyNot } from './explain.ts';
import { ruleOf, viewOf } from './fixtures.ts';

describe('why a rule does not match', () => {
  it('names the first condition that does not fit, head before matches', () => {
    const rule = ruleOf('-d 10.96.0.21/32 -p tcp -m tcp --dport 443');
    expect(whyNot(rule, viewOf())).toBe('destination 10.96.0.20 is not in 10.96.0.21/32');
    expect(whyNot(rule, viewOf({ dst: '10.96.0.21' }))).toBe('dport 80 is not 443');
    expect(whyNot(rule, viewOf({ dst: '10.96.0.21', dport: 443 }))).toBe('it matches');
  });
  it('changes nothing, and tells in general words what a match remembers', () => {
    expect(whyNot(ruleOf('-m statistic --mode random --probability 0.5'), viewOf())).toBe(
      'the draw was not within probability 0.50',
    );
    expect(whyNot(ruleOf('-m statistic --mode nth --every 3 --packet 0'), viewOf())).toBe(
      'of each 3 packets it was not the one',
    );
    expect(whyNot(ruleOf('-m recent --rcheck --seconds 10800 --name A'), viewOf())).toBe(
      '10.244.1.10 was not seen in the last 10800 s on list A',
    );
    expect(whyNot(ruleOf('-m limit --limit 5/sec'), viewOf())).toBe(
      'more than 5/sec with a burst of 5',
    );
    expect(whyNot(ruleOf('-m set --match-set pods src'), viewOf())).toBe(
      'src 10.244.1.10 is not in set pods',
    );
    expect(whyNot(ruleOf('-m set ! --match-set pods dst,dst'), viewOf())).toBe(
      'dst 10.96.0.20 is in set pods',
    );
  });
  it('prefers what it can see over what it would have to remember', () => {
    const rule = ruleOf('-p tcp -m statistic --mode random --probability 0.5 -m tcp --dport 443');
    expect(whyNot(rule, viewOf())).toBe('dport 80 is not 443');
  });
});
