// Where the engine is known to differ from Linux 6.18. One source of truth: docs/fidelity.md is printed from it, and the live check leaves
// out what falls under it, with a visible line. A cause that is repaired is a line less here.
import type { FlowSpec } from '../../network/types.ts';
import type { RecordingInput } from '../predict/recording.ts';

export interface KnownDifference {
  /** Two or three words, for the line that is printed. */
  readonly name: string;
  /** What happens, and the smallest topology that shows it: a paragraph of docs/fidelity.md. */
  readonly text: string;
  holds(input: RecordingInput): boolean;
}

type Flow = Omit<FlowSpec, 'do'>;

const flowSteps = ({ steps }: RecordingInput): readonly (readonly Flow[])[] =>
  steps.flatMap((step) => (step.do === 'flow' ? [step.parallel ?? [step]] : []));
const bytesOf = (flow: Flow): number => flow.request_bytes ?? 0;
const isTcp = ({ proto }: Flow): boolean => proto === 'tcp';

function shrinkingVeth({ topology }: RecordingInput): boolean {
  const mtus = new Map(
    topology.namespaces.flatMap((ns) =>
      ns.devices.map((dev) => [`${ns.name} ${dev.name}`, dev.mtu ?? 1500] as const),
    ),
  );
  return topology.namespaces.some((ns) =>
    ns.devices.some(({ name, peer }) => {
      const other = peer && mtus.get(`${peer.ns} ${peer.dev}`);
      return other !== undefined && other < (mtus.get(`${ns.name} ${name}`) ?? 1500);
    }),
  );
}

/** Does an address of the flow's own namespace take it? */
const staysHome = ({ topology }: RecordingInput, flow: Flow): boolean =>
  topology.namespaces
    .find(({ name }) => name === flow.ns)
    ?.devices.some(({ addresses = [] }) =>
      addresses.some((one) => {
        const cidr = typeof one === 'string' ? one : one.cidr;
        return cidr.split('/')[0] === flow.dst;
      }),
    ) === true || flow.dst?.startsWith('127.') === true;

const smallestMtu = ({ topology }: RecordingInput): number =>
  Math.min(...topology.namespaces.flatMap(({ devices }) => devices.map(({ mtu }) => mtu ?? 1500)));

export const KNOWN: readonly KnownDifference[] = [
  {
    name: 'veth with a smaller other end',
    text: `A veth whose other end has a smaller MTU refuses a packet at once (NET_XMIT_DROP): the sending TCP hears of it in Linux and does not
here. A pod's eth0 at 1500, its host end at 1450, a request of 3000 bytes.`,
    holds: (input) =>
      shrinkingVeth(input) &&
      flowSteps(input)
        .flat()
        .some((f) => isTcp(f) && bytesOf(f) > 1400),
  },
  {
    name: 'large request over lo',
    text: `TCP over \`lo\` with more than 64 KB in one request: both begin with pieces of half the window; in Linux the window then grows and the
pieces with it, here they stay. 150,000 bytes take four data segments in Linux, five here.`,
    holds: (input) =>
      flowSteps(input)
        .flat()
        .some((f) => isTcp(f) && bytesOf(f) > 65_536 && staysHome(input, f)),
  },
  {
    name: 'path MTU learned by another connection',
    text: `TCP whose path MTU shrinks because of another connection to the same destination: the first segments that Linux then sends are too
long, which it tells itself by an ICMP error over \`lo\`; here they are cut at once. Two requests of 6000 bytes, 5 ms apart, through a
router with an MTU of 1400.`,
    holds: (input) =>
      smallestMtu(input) < 1450 &&
      flowSteps(input).some(
        (flows) => flows.filter((f) => isTcp(f) && bytesOf(f) >= 1400).length > 1,
      ),
  },
];
