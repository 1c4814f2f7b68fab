import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import { createPlayer, indexNow, stepNow, stepsNow } from './player.ts';

const trace = sampleTrace();
const opened = () => {
  const player = createPlayer();
  player.getState().open(trace);
  return player;
};

describe('the player', () => {
  it('starts paused on the first step', () => {
    const s = opened().getState();
    expect([indexNow(s), s.playing]).toEqual([0, false]);
  });

  it('goes on and back to the same place from every step', () => {
    const player = opened();
    const count = stepsNow(player.getState()).length;
    for (let i = 0; i < count - 1; i++) {
      const before = player.getState().cursor;
      player.getState().next();
      player.getState().previous();
      expect(player.getState().cursor).toBe(before);
      player.getState().next();
    }
    player.getState().next();
    expect(indexNow(player.getState())).toBe(count - 1);
  });

  it('stands after any walk where a direct jump stands', () => {
    const count = stepsNow(opened().getState()).length;
    const move = fc.constantFrom('next', 'previous', 'first', 'last') as fc.Arbitrary<
      'next' | 'previous' | 'first' | 'last'
    >;
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const player = opened();
        let at = 0;
        for (const m of moves) {
          player.getState()[m]();
          at =
            m === 'next'
              ? Math.min(count - 1, at + 1)
              : m === 'previous'
                ? Math.max(0, at - 1)
                : m === 'first'
                  ? 0
                  : count - 1;
        }
        const direct = opened();
        direct.getState().seek(at + 1);
        expect(stepNow(player.getState())).toBe(stepNow(direct.getState()));
      }),
    );
  });

  it('finds steps by name and number, and says when there is none', () => {
    const player = opened();
    expect(player.getState().seek('request.node-a.prerouting.dnat')).toBe(true);
    expect(stepNow(player.getState())?.topic).toBe('nat');
    expect(player.getState().seek(3)).toBe(true);
    expect(indexNow(player.getState())).toBe(2);
    expect(player.getState().seek('nowhere')).toBe(false);
    expect(player.getState().seek(9999)).toBe(false);
    expect(indexNow(player.getState())).toBe(2);
  });

  it('keeps the moment when the grain changes', () => {
    const player = opened();
    player.getState().seek('request.node-a.prerouting.dnat');
    const { anchor } = stepNow(player.getState())!;
    player.getState().setGrain('detail');
    expect(stepNow(player.getState())?.anchor).toBe(anchor);
    player.getState().setGrain('overview');
    expect(stepNow(player.getState())?.id).toBe('request.node-a.prerouting.dnat');
  });

  it('puts the stations of a folded packet in its place, and folds them again', () => {
    const player = opened();
    const fold = stepsNow(player.getState()).find((s) => s.expandable)!;
    const count = stepsNow(player.getState()).length;
    player.getState().seek(fold.id);
    player.getState().expand(fold.id, true);
    expect(stepNow(player.getState())?.id).toBe(fold.children[0]!.id);
    expect(stepsNow(player.getState())).toHaveLength(count + fold.children.length - 1);
    player.getState().next();
    player.getState().expand(fold.id, false);
    expect(stepNow(player.getState())?.id).toBe(fold.id);
  });

  it('starts over when it is played at the end', () => {
    const player = opened();
    player.getState().last();
    player.getState().toggle();
    expect([indexNow(player.getState()), player.getState().playing]).toEqual([0, true]);
  });
});
