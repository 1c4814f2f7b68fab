// Size budgets of dist/. The numbers are promises to readers on slow lines: raise one only with a reason in the commit.
import { firstView, kB, scriptsWith, total, workerScripts } from '../lib/sizes.mjs';

const BUDGETS = {
  'first view, JS': 230_000,
  // 39 KB of it are the parser of YAML, 37 KB network plugins, Felix and a cloud.
  'worker, JS': 190_000,
  'first view, CSS': 20_000,
};

export function size() {
  const { scripts, styles } = firstView();
  const worker = workerScripts();
  /** @type {Record<keyof typeof BUDGETS, import('../lib/sizes.mjs').Weight[]>} */
  const parts = { 'first view, JS': scripts, 'worker, JS': worker, 'first view, CSS': styles };
  const lines = [];
  let good = true;
  for (const [name, weights] of Object.entries(parts)) {
    const budget = BUDGETS[/** @type {keyof typeof BUDGETS} */ (name)];
    const bytes = total(weights);
    const fits = bytes <= budget;
    good &&= fits;
    lines.push(`${name}: ${kB(bytes)} of ${kB(budget)}${fits ? '' : ', TOO MUCH'}`);
    if (!fits) for (const weight of weights) lines.push(`  ${kB(weight.bytes)} ${weight.name}`);
  }
  if (worker.length === 0) {
    good = false;
    lines.push('dist/ holds no worker (assets/worker-*.js)');
  }
  for (const file of scriptsWith(/org\.eclipse\.elk|elkjs/)) {
    good = false;
    lines.push(`elkjs is in ${file}`);
  }
  return { good, lines };
}
