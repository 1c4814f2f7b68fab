// Presenters of what is no Linux box: a VPC's router and its gateways.
import type { Trace } from '../../trace/types.ts';
import { eventsIn, firstIn } from './facts.ts';
import { placeName } from './names.ts';
import type { Presenter } from './told.ts';

export const isAppliance = (trace: Trace, name: string): boolean =>
  trace.topology.namespaces.some((ns) => ns.name === name && ns.appliance === true);

export const appliance: Presenter = ({ trace, step, m }) => {
  const place = placeName(trace, step.netns ?? '');
  const translated = firstIn(trace, step, 'appliance.translate')?.detail;
  const routed = firstIn(trace, step, 'appliance.route')?.detail;
  const checks = eventsIn(trace, step, 'appliance.check');
  const check = checks.at(-1)?.detail;
  if (translated !== undefined)
    return {
      title: m.steps.appliance.titleTranslate(translated),
      what: m.steps.appliance.translate({ ...translated, place }),
      why: m.steps.appliance.why(translated),
      source: 'vpc',
      change: { before: translated.from, after: translated.to },
    };
  const why =
    check === undefined ? m.steps.appliance.whyPlain : m.steps.appliance.why({ why: check.why });
  if (routed?.route != null)
    return {
      title: m.steps.appliance.titleRoute({ dst: routed.dst, target: routed.target ?? '' }),
      what: m.steps.appliance.route({ ...routed, place, route: routed.route }),
      why,
      source: 'vpc',
    };
  return {
    title: m.steps.appliance.titleCarry,
    what: m.steps.appliance.carry({ place, dst: check?.eni ?? '' }),
    why,
    source: 'vpc',
  };
};
