// -m comment: a note that always matches (net/netfilter/xt_comment.c).
import { quote } from '../save/quote.ts';
import { need, type MatchModule } from '../module.ts';

export interface CommentSpec {
  readonly text: string;
}

export const comment: MatchModule<CommentSpec> = {
  name: 'comment',
  options: { comment: '1' },
  pure: true,
  parse(given, ctx) {
    const text = need(given, ctx, 'comment').values[0] ?? '';
    if (text.length > 255) ctx.fail('a comment has at most 255 characters');
    return { text };
  },
  print: ({ text }) => ` --comment ${quote(text)}`,
  compile: () => () => true,
  explain: () => null,
};
