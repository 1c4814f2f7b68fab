// What the page says in English. One entry is one whole sentence (or label): translators never meet half a sentence.
// Names of devices, rules and addresses are put in as they are; only words around them are translated.
import { steps } from './en-steps.ts';
import { events } from './en-events.ts';

export const en = {
  app: {
    name: 'Packet Journey',
    skip: 'Skip to the step',
    scenarios: 'Scenario',
    loading: 'Loading the scenario…',
    running: (p: { events: number }) =>
      p.events === 0
        ? 'The kernel is running…'
        : `The kernel is running: ${p.events} events so far…`,
    ready: 'The journey is computed.',
    computed: 'Computed by a model of Linux 6.18, not captured.',
    pageTitle: (p: { title: string }) => `${p.title} · Packet Journey`,
  },
  problems: {
    failedTitle: 'This scenario could not be run',
    failedText: 'Nothing was computed, because the document has mistakes.',
    crashedTitle: 'The engine stopped',
    crashedText: 'This is a bug of Packet Journey, not of the scenario.',
    unknownTitle: 'There is no such scenario',
    unknownText: (p: { name: string }) =>
      `The link asks for a scenario “${p.name}”, which does not exist here.`,
    didYouMean: (p: { name: string }) => `Open “${p.name}”`,
    openFirst: 'Open the first scenario',
    copyLink: 'Copy the original link',
    copied: 'Copied',
    customTitle: 'This link carries a scenario of its own',
    customText: 'This version of the page cannot open custom scenarios yet. Nothing was loaded.',
    retry: 'Try again',
    unknownStep: (p: { step: string }) =>
      `The link asks for step “${p.step}”, which this journey does not have. It starts at the beginning.`,
    unfinished: (p: { why: string }) => `The run was stopped before its end: ${p.why}.`,
    notModelled: (p: { count: number }) =>
      p.count === 1
        ? '1 part of this scenario is not modelled'
        : `${p.count} parts of this scenario are not modelled`,
    dismiss: 'Dismiss',
    notices: 'Notices',
    emptyTitle: 'Nothing happens in this scenario',
    emptyText: 'No process sent anything, so there is no journey to walk.',
  },
  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },
  path: { label: 'Where the packet is' },
  phase: {
    request: 'Request',
    reply: 'Reply',
    conversation: 'Rest of the conversation',
    around: 'Around it',
  },
  /** Where a journey has several flows. */
  phaseOf: (p: { phase: string; flow: string }) => `${p.flow}: ${p.phase}`,
  list: {
    title: 'Steps',
    open: 'Steps',
    close: 'Close',
    grain: 'Detail',
    grains: { overview: 'Overview', detail: 'Every event', rules: 'Every rule' },
    expand: 'Show its stations',
    collapse: 'Fold its stations',
    wasTo: 'becomes',
  },
  card: {
    number: (p: { step: number; steps: number }) => `Step ${p.step} of ${p.steps}`,
    why: 'Why',
    source: 'Source',
    finish: 'End of the journey.',
  },
  /** What a journey does against Kubernetes' network model. */
  model: {
    title: 'Against the network model',
    'one-address': (p: { from: string; to: string; address: string; instead: string }) =>
      `${p.from} and ${p.to} both have ${p.address}: each pod must have an address of its own in the whole cluster.`,
    'pod-to-pod': (p: { from: string; to: string; address: string; instead: string }) =>
      `${p.from} has the address ${p.address}, but ${p.to} sees ${p.instead}: pods must reach each other without address translation.`,
    'node-and-pod': (p: { from: string; to: string; address: string; instead: string }) =>
      `${p.from} has the address ${p.address}, but ${p.to} sees ${p.instead}: a node and its own pods must reach each other without address translation.`,
    'own-address': (p: { from: string; to: string; address: string; instead: string }) =>
      `${p.address} is a pod’s own address, but ${p.from} is led to ${p.instead}: others must reach a pod by the address that it knows as its own.`,
  },
  packet: {
    title: 'Packet',
    none: 'No packet is under way in this step.',
    size: (p: { bytes: number }) => `${p.bytes} bytes on the wire`,
    sizeBare: (p: { bytes: number }) => `${p.bytes} bytes, not yet in a frame`,
    changes: 'Changed in this step',
    noChanges: 'Nothing in the packet changes in this step.',
    layers: 'Headers, outermost first',
    derived: (p: { count: number }) =>
      p.count === 1
        ? '1 checksum or length follows from it'
        : `${p.count} checksums and lengths follow from it`,
    added: 'added',
    removed: 'removed',
    changed: 'changed',
    was: 'was',
    kernel: 'What only the kernel knows',
    conntrack: 'conntrack',
    mark: 'skb mark',
    rule: 'rule',
    route: 'route',
    neighbour: 'neighbour',
    noMore: 'not on the wire',
    freed: 'The kernel freed it here.',
  },
  map: {
    label: 'Map of the network',
    role: 'packet map',
    describe: 'A picture of the journey. The list of steps says the same in words.',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Whole picture',
    follow: 'Follow the packet',
    legend: 'Legend',
    legendText:
      'Solid line: done. Dotted line: still ahead. Double green line: inside of a tunnel.',
    box: (p: { kind: string; label: string; note: string }) =>
      p.note === '' ? `${p.kind} ${p.label}` : `${p.kind} ${p.label}, ${p.note}`,
    current: (p: { label: string }) => `${p.label}. The packet is here.`,
    dropped: 'DROPPED',
    touchHint: 'Use two fingers to move the map',
    kinds: {
      cluster: 'Cluster',
      machine: 'Machine',
      pod: 'Pod',
      switch: 'Switch',
      hook: 'netfilter hook',
      route: 'Routing decision',
      process: 'Process',
      nic: 'Network card',
      veth: 'veth end',
      bridge: 'Bridge',
      tunnel: 'Tunnel device',
      device: 'Device',
      more: 'Not on this path',
    },
    badges: {
      nat: 'rewritten',
      encap: 'wrapped',
      decap: 'unwrapped',
      drop: 'dropped',
      arp: 'asks for a MAC',
    },
  },
  transport: {
    label: 'Player',
    first: 'First step',
    previous: 'Previous',
    play: 'Play',
    pause: 'Pause',
    replay: 'Replay',
    next: 'Next',
    last: 'Last step',
    speed: 'Speed',
    position: 'Position',
    valueText: (p: { step: number; steps: number; title: string }) =>
      `Step ${p.step} of ${p.steps}: ${p.title}`,
    end: 'End of the journey',
    map: 'Map',
    packet: 'Packet',
  },
  token: {
    socket: 'socket',
    route: 'route',
    arp: 'address resolution',
    link: 'link',
    wire: 'wire',
    hook: 'rules',
    conntrack: 'connection tracking',
    nat: 'NAT',
    encap: 'encapsulation',
    decap: 'decapsulation',
    drop: 'dropped',
    fragment: 'fragments',
  },
  steps,
  events,
} as const;

export type Messages = typeof en;
