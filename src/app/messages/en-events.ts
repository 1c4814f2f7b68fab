// Sentences about single events and rules, for the finer grains. Most events carry their own reason; these say what happened.
export const events = {
  titles: {
    'process.call': 'System call',
    'process.result': 'Result',
    command: 'Command',
    timer: 'Timer',
    'socket.send': 'Socket sends',
    'socket.receive': 'Socket receives',
    'kernel.send': 'Kernel sends',
    'dev.tx': 'Handed to the driver',
    'dev.rx': 'Received',
    'bridge.forward': 'Bridge decides',
    'bridge.dnat': 'Bridged frame with a new destination',
    'arp.receive': 'Address resolution',
    'neigh.lookup': 'Neighbour table',
    'fdb.lookup': 'Forwarding database',
    'route.lookup': 'Routing table',
    'ip.forward': 'Forwarded',
    'ip.deliver': 'Delivered locally',
    'ip.fragment': 'Fragmented',
    'ip.reassemble': 'Reassembled',
    'nf.walk': 'Rules walked',
    'ct.lookup': 'Connection tracking',
    'ct.confirm': 'Connection confirmed',
    'nat.setup': 'Translation chosen',
    'nat.rewrite': 'Addresses rewritten',
    'tunnel.encap': 'Encapsulated',
    'tunnel.decap': 'Decapsulated',
    'appliance.check': 'Interface check',
    'appliance.route': 'Route table of the VPC',
    'appliance.translate': 'Addresses exchanged',
    drop: 'Freed',
  },
  what: {
    call: (p: { process: string; call: string; text: string }) =>
      `${p.process}: ${p.call} ${p.text}.`,
    timer: (p: { timer: string; text: string }) => `Timer ${p.timer}: ${p.text}.`,
    send: (p: { process: string; protocol: string; socket: string }) =>
      `${p.process} sends on ${p.protocol} ${p.socket}.`,
    receive: (p: { process: string; protocol: string; socket: string }) =>
      `${p.process} receives on ${p.protocol} ${p.socket}.`,
    tx: (p: { dev: string }) => `${p.dev} sends the frame: tcpdump on ${p.dev} shows it going out.`,
    rx: (p: { dev: string; type: string }) =>
      `${p.dev} receives the frame (packet type ${p.type}).`,
    rxHost: (p: { dev: string }) => `${p.dev} receives the frame; it is for its own MAC address.`,
    bridgeForward: (p: { bridge: string; ports: string }) => `${p.bridge} forwards to ${p.ports}.`,
    bridgeFlood: (p: { bridge: string; ports: string }) => `${p.bridge} floods to ${p.ports}.`,
    bridgeLocal: (p: { bridge: string }) => `${p.bridge} passes the frame up to its own IP layer.`,
    bridgeDrop: (p: { bridge: string }) => `${p.bridge} drops the frame.`,
    bridgeDnat: {
      bridged: 'The new destination is on the same bridge: no routing.',
      routed: 'The new destination is elsewhere: the frame is routed.',
      slow: 'The new destination is on the same bridge, but its MAC is not yet sure.',
    },
    arp: {
      answered: 'The question is answered.',
      learned: 'The answer is written into the neighbour table.',
      ignored: 'Not for this host.',
    },
    neighFound: (p: { ip: string; mac: string; state: string }) =>
      `${p.ip} is ${p.mac} (${p.state}).`,
    neighQueued: (p: { ip: string; state: string }) =>
      `${p.ip} is not known yet (${p.state}): the packet waits.`,
    neighFailed: (p: { ip: string }) => `${p.ip} could not be found.`,
    fdb: (p: { mac: string; dst: string }) => `${p.mac} is behind ${p.dst}.`,
    farEnd: (p: { dst: string }) => `The far end of the tunnel is ${p.dst}.`,
    fdbNone: (p: { mac: string }) => `No entry for ${p.mac}.`,
    route: (p: { dst: string; route: string; table: string }) =>
      `${p.dst}: “${p.route}”, table ${p.table}.`,
    routeNone: (p: { dst: string }) => `${p.dst}: no route.`,
    forward: (p: { ttl: number }) => `The packet is forwarded; its TTL is now ${p.ttl}.`,
    deliver: (p: { protocol: string }) => `The packet goes up to ${p.protocol}.`,
    fragment: (p: { count: number; mtu: number }) =>
      `Cut into ${p.count} pieces for an MTU of ${p.mtu}.`,
    reassemble: (p: { count: number }) => `${p.count} pieces put together.`,
    walk: (p: { table: string; hook: string; walk: string; verdict: string }) =>
      `Table ${p.table} at ${p.hook}: ${p.walk}: ${p.verdict}.`,
    ctNew: (p: { entry: string }) => `NEW: ${p.entry}.`,
    ctKnown: (p: { state: string; direction: string; entry: string }) =>
      `${p.state}, ${p.direction}: ${p.entry}.`,
    ctNone: (p: { state: string }) => `${p.state}.`,
    confirm: (p: { entry: string }) => `The entry ${p.entry} is now in the table.`,
    natSetup: (p: { by: string; from: string; to: string }) => `${p.by}: ${p.from} → ${p.to}.`,
    natNull: (p: { from: string }) => `NAT leaves ${p.from} as it is.`,
    rewrite: (p: { from: string; to: string }) => `${p.from} → ${p.to}.`,
    encap: (p: { kind: string; remote: string }) => `Wrapped (${p.kind}) for ${p.remote}.`,
    decap: (p: { kind: string }) => `Unwrapped (${p.kind}).`,
    checkPassed: (p: { check: string; eni: string }) =>
      `The ${p.check} of ${p.eni} lets the packet pass.`,
    checkFailed: (p: { check: string; eni: string }) =>
      `The ${p.check} of ${p.eni} stops the packet.`,
    dropFatal: (p: { reason: string; at: string }) => `DROPPED: ${p.reason} in ${p.at}.`,
    dropDone: (p: { reason: string; at: string }) => `The buffer is freed: ${p.reason} in ${p.at}.`,
    kernelSend: (p: { what: string }) => `The kernel makes ${p.what}.`,
    result: (p: { process: string; result: string }) => `${p.process}: ${p.result}.`,
  },
  why: {
    reason: (p: { why: string }) => `${capital(p.why)}.`,
    passed: (p: { list: string }) => `Passed over: ${p.list}.`,
    by: (p: { who: string; command: string }) => `${p.who} put it there: ${p.command}`,
    firstOnly: 'Only the first packet of a connection walks the nat table.',
    entry: 'The connection’s entry says so.',
    veth: (p: { peer: string }) => `Its peer is ${p.peer}.`,
    prefix: 'The longest prefix wins.',
  },
  rule: {
    title: (p: { chain: string; rule: number }) => `${p.chain}, rule ${p.rule}`,
    matched: (p: { target: string }) =>
      p.target === '' ? 'It matches, and has no target.' : `It matches: ${p.target}.`,
    return: 'The chain ends: back to the one that called it.',
    policy: (p: { target: string }) => `The chain ends: its policy is ${p.target}.`,
    passed: 'It does not match.',
    range: (p: { from: number; to: number; chain: string }) =>
      `Rules ${p.from} to ${p.to} of ${p.chain} do not match.`,
    text: (p: { text: string }) => p.text,
  },
} as const;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
