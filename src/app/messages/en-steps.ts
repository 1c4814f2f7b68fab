// Sentences about steps of the overview. `what` says where and what happens, `why` the reason; together at most 40 words.
interface Ends {
  readonly src: string;
  readonly dst: string;
}
export const steps = {
  send: {
    title: (p: Ends & { process: string; word: string }) => `${p.process} sends ${p.word}`,
    opens: (p: Ends & { process: string; word: string }) =>
      `${p.process} opens a connection: the kernel builds a ${p.word} from ${p.src} to ${p.dst}.`,
    answers: (p: Ends & { process: string; word: string }) =>
      `${p.process} answers with ${p.word}, from ${p.src} to ${p.dst}.`,
    sends: (p: Ends & { process: string; word: string }) =>
      `${p.process} sends ${p.word} from ${p.src} to ${p.dst}.`,
    nobody: (p: { host: string }) =>
      `No device anywhere has ${p.host}. Something on the way must replace it, or the packet is lost.`,
    service: (p: { host: string; object: string }) =>
      `${p.host} is ${p.object}. No device has that address; only rules know it.`,
    owner: (p: { host: string; owner: string; dev: string }) =>
      `${p.host} is the address of ${p.dev} in ${p.owner}.`,
    local: (p: { host: string }) =>
      `${p.host} is an address of this very namespace, so the packet never leaves it.`,
    unaware: (p: { src: string; asked: string }) =>
      `It answers from ${p.src}: nothing here knows that the client asked ${p.asked}.`,
    routed: (p: { why: string; dev: string }) => `${p.why} It leaves by ${p.dev}.`,
  },
  kernelSend: {
    title: (p: { what: string }) => `The kernel sends ${p.what}`,
    what: (p: Ends & { what: string; place: string }) =>
      `The kernel of ${p.place} itself sends ${p.what} to ${p.dst}.`,
    why: (p: { why: string }) => `Reason: ${p.why}.`,
  },
  route: {
    title: (p: { dst: string; dev: string }) => `Route to ${p.dst}: ${p.dev}`,
    titleNone: (p: { dst: string }) => `No route to ${p.dst}`,
    via: (p: { dst: string; via: string; dev: string }) =>
      `Routing sends ${p.dst} out of ${p.dev}, to the next hop ${p.via}.`,
    link: (p: { dst: string; dev: string }) =>
      `Routing sends ${p.dst} out of ${p.dev}, straight to its owner.`,
    local: (p: { dst: string }) =>
      `Routing keeps the packet: ${p.dst} is an address of this namespace.`,
    none: (p: { dst: string }) => `Routing finds no way to ${p.dst}.`,
    refused: (p: { dst: string; type: string }) =>
      `Routing refuses ${p.dst}: the route is of type ${p.type}.`,
    becauseDefault: (p: { dst: string }) =>
      `No more specific route holds ${p.dst}, so the default route takes it.`,
    becausePrefix: (p: { dst: string; prefix: string; table: string }) =>
      `${p.prefix} in table ${p.table} is the longest prefix that holds ${p.dst}.`,
    becausePrefixBy: (p: { dst: string; prefix: string; who: string }) =>
      `${p.prefix} is the longest prefix that holds ${p.dst}; ${p.who} put that route there.`,
    becauseRule: (p: { rule: string; table: string; prefix: string }) =>
      `Policy rule “${p.rule}” matches first: in table ${p.table}, ${p.prefix} is the longest prefix.`,
    becauseLocal:
      'Table local is asked before all others, and holds every address of this namespace.',
    becauseNone: (p: { dst: string }) =>
      `No prefix of any table holds ${p.dst}, and there is no default route.`,
  },
  resolve: {
    title: (p: { ip: string }) => `Who has ${p.ip}?`,
    what: (p: { dev: string; ip: string; mac: string; word: string }) =>
      `${p.dev} asks everybody on its link who has ${p.ip} (${p.word}). The answer: ${p.mac}.`,
    failed: (p: { dev: string; ip: string; word: string }) =>
      `${p.dev} asks everybody on its link who has ${p.ip} (${p.word}). Nobody answers.`,
    why: (p: { dev: string; ip: string }) =>
      `A frame needs a MAC address, and the neighbour table had none for ${p.ip}. The packet waits meanwhile.`,
    upkeep: (p: { ip: string }) =>
      `The kernel checks by itself whether its entry for ${p.ip} still holds.`,
  },
  link: {
    title: (p: { from: string; to: string }) => `${p.from} → ${p.to}`,
    veth: (p: { from: string; to: string; there: string }) =>
      `The frame goes into ${p.from} and comes out of ${p.to}, in ${p.there}.`,
    bridge: (p: { bridge: string; port: string; to: string; there: string }) =>
      `${p.bridge} hands the frame to its port ${p.port}; it comes out of ${p.to} in ${p.there}.`,
    whyVeth: (p: { from: string; to: string }) =>
      `${p.from} and ${p.to} are the two ends of one veth pair: what enters one leaves the other.`,
    whyBridge: (p: { bridge: string; why: string }) =>
      `${p.bridge} picks the port by the frame’s MAC: ${p.why}.`,
    whyNeigh: (p: { ip: string; mac: string }) =>
      `No question is needed: the neighbour table knows ${p.ip} as ${p.mac}.`,
  },
  wire: {
    title: (p: { from: string; to: string }) => `Over the wire to ${p.to}`,
    what: (p: { from: string; to: string; size: number }) =>
      `${p.size} bytes leave ${p.from} and arrive at ${p.to}.`,
    whyTunnel: (p: Ends) =>
      `All that the network between sees is a UDP packet from ${p.src} to ${p.dst}.`,
    whyIpInIp: (p: Ends) =>
      `All that the network between sees is an IP packet from ${p.src} to ${p.dst}, with another one inside.`,
    whyPlain: (p: { mac: string }) =>
      `The network between looks at nothing but the destination MAC, ${p.mac}.`,
    whyAppliance: (p: { mac: string; place: string }) =>
      `The frame names the MAC ${p.mac}; what becomes of it is decided in ${p.place}.`,
    whyFrom: (p: { mac: string; place: string }) =>
      `${p.place} decided where it goes, and wrote the MAC ${p.mac} for it.`,
  },
  prerouting: {
    title: (p: { state: string }) => `Connection tracking: ${p.state}`,
    created: (p: { entry: string }) =>
      `conntrack has no entry for this packet and makes one: NEW, ${p.entry}.`,
    known: (p: { entry: string; state: string; direction: string }) =>
      `conntrack knows the connection: ${p.state}, ${p.direction} direction of ${p.entry}.`,
    invalid: (p: { why: string }) => `conntrack cannot place the packet: INVALID (${p.why}).`,
    untracked: 'The packet is exempt from connection tracking.',
    walks: 'The packet passes the rules of PREROUTING; none of them changes it.',
    whyBridge: (p: { bridge: string }) =>
      `${p.bridge} shows its IP frames to netfilter (bridge-nf-call-iptables). Only a NEW connection walks the nat rules.`,
    whyNew: 'Every packet is looked up before routing. Only a NEW connection walks the nat rules.',
    whyKnown: 'The nat rules were asked for its first packet; from then on the entry decides.',
  },
  ingress: {
    title: (p: { dev: string }) => `PREROUTING, then route: ${p.dev}`,
    marked: (p: { dst: string; dev: string; mark: string }) =>
      `PREROUTING marks the packet ${p.mark}, which no other machine sees. Routing sends ${p.dst} to ${p.dev}.`,
    created: (p: { dst: string; dev: string }) =>
      `PREROUTING leaves the packet as it is. Routing sends ${p.dst} to ${p.dev}.`,
    known: (p: { dst: string; dev: string; state: string; direction: string }) =>
      `conntrack knows the packet: ${p.state}, ${p.direction} direction. Routing sends ${p.dst} to ${p.dev}.`,
  },
  walk: {
    title: 'The nat rules choose',
    what: (p: { walk: string; target: string }) =>
      `The nat rules are walked: ${p.walk}: ${p.target}.`,
    whyDnat: (p: { to: string; object: string }) =>
      `These rules stand for ${p.object}. The endpoint that they lead to is ${p.to}.`,
    whyDnatOneOf: (p: { to: string; object: string; count: number }) =>
      `These rules stand for ${p.object}: one of its ${p.count} endpoints, picked at random, is ${p.to}.`,
    whyDnatBare: (p: { to: string; chain: string; rule: number }) =>
      `Rule ${p.rule} of ${p.chain} matched; it says ${p.to}.`,
    whySnat: (p: { from: string; to: string }) =>
      `The source ${p.from} must become ${p.to}, so that answers find back.`,
  },
  nat: {
    title: (p: { manip: 'src' | 'dst'; undo: boolean }) =>
      p.undo
        ? p.manip === 'src'
          ? 'The source is put back'
          : 'The destination is put back'
        : p.manip === 'dst'
          ? 'The destination is rewritten'
          : 'The source is rewritten',
    what: (p: { manip: 'src' | 'dst'; from: string; to: string }) =>
      p.manip === 'dst'
        ? `The packet’s destination changes from ${p.from} to ${p.to}.`
        : `The packet’s source changes from ${p.from} to ${p.to}.`,
    whyNew: (p: { chain: string; rule: number }) =>
      `Rule ${p.rule} of ${p.chain} says so. conntrack keeps the pair: later packets are changed without rules, answers are changed back.`,
    whyKept:
      'The rules are not asked again: the conntrack entry remembers what they chose for the first packet.',
    whyUndo: (p: { to: string }) =>
      `conntrack undoes what it did to the request: the client waits for ${p.to} and would refuse anything else.`,
  },
  forward: {
    title: 'FORWARD: may it pass?',
    what: (p: { ttl: string; verdict: string }) =>
      `The TTL drops ${p.ttl}. FORWARD lets the packet pass: ${p.verdict}.`,
    whatTtl: (p: { ttl: string }) => `This machine forwards the packet, so the TTL drops ${p.ttl}.`,
    why: 'The packet is from one device for another, so this machine is a router here: filter rules decide in FORWARD.',
    whyEstablished: (p: { chain: string; rule: number }) =>
      `Rule ${p.rule} of ${p.chain} accepts what belongs to a known connection.`,
    byRule: (p: { chain: string; rule: number }) => `${p.chain} rule ${p.rule} accepts`,
    byPolicy: 'no rule objects, and the policy is ACCEPT',
  },
  postrouting: {
    title: 'POSTROUTING: last word',
    keeps: 'POSTROUTING leaves the source address as it is.',
    confirms: 'POSTROUTING leaves the source as it is, and conntrack confirms the new entry.',
    why: (p: { chain: string; rule: number }) =>
      `${p.chain} rule ${p.rule} returned before any MASQUERADE. A new entry counts only once its packet got through.`,
    whyPlain:
      'No rule asked for another source. A new entry counts only once its packet got through.',
  },
  egress: {
    title: 'FORWARD and POSTROUTING',
    what: (p: { ttl: string }) =>
      `The TTL drops ${p.ttl}. FORWARD accepts the packet, POSTROUTING leaves it as it is.`,
    whyConfirm: (p: { entry: string }) =>
      `No rule translates it here. This machine confirms an entry of its own: ${p.entry}.`,
    why: (p: { verdict: string }) => `In FORWARD, ${p.verdict}.`,
  },
  nextHop: {
    title: (p: { ip: string }) => `Next hop ${p.ip}: known for good`,
    what: (p: { ip: string; mac: string; remote: string }) =>
      `The neighbour entry says ${p.ip} is ${p.mac}; the FDB says that MAC is behind ${p.remote}.`,
    whatNeigh: (p: { ip: string; mac: string; state: string }) =>
      `The neighbour entry says ${p.ip} is ${p.mac} (${p.state}).`,
    whyBy: (p: { who: string; object: string }) =>
      `${p.who} wrote both entries when it learned of ${p.object}: nothing has to be asked over the tunnel.`,
    whyNeighBy: (p: { who: string; object: string }) =>
      `${p.who} wrote the entry for ${p.object}: nothing has to be asked.`,
    whyNeigh: 'The entry is permanent: nothing has to be asked.',
    whyOwn: 'The entries are permanent: nothing has to be asked over the tunnel.',
    whyKnown: 'It was learned earlier, so nothing has to be asked.',
    titleIp: (p: { dev: string }) => `${p.dev} asks nobody`,
    whatIp: (p: { dev: string; remote: string }) =>
      `The other end of ${p.dev} for this packet is ${p.remote}.`,
    whyIp:
      'An IP-in-IP device has no MAC addresses. Its far end is its own, or the next hop of the route.',
  },
  encap: {
    title: (p: { dev: string; bytes: number }) => `${p.dev} wraps it: +${p.bytes} bytes`,
    what: (p: Ends & { dev: string; vni: string }) =>
      `${p.dev} wraps the whole frame into a UDP packet from ${p.src} to ${p.dst}${p.vni}.`,
    why: 'The network between the nodes knows nodes only, no pods. Inside this envelope the frame travels untouched.',
    whatIp: (p: Ends & { dev: string }) =>
      `${p.dev} puts another IP header before the packet: from ${p.src} to ${p.dst}, protocol 4.`,
    whyIp:
      'The network between the nodes knows nodes only, no pods. Inside this envelope the packet travels untouched.',
    whyKnown: (p: { ip: string; remote: string }) =>
      `The same permanent entries as before: ${p.ip} is behind ${p.remote}. The envelope is a packet of this node.`,
  },
  localOut: {
    title: 'The envelope is a packet too',
    titlePlain: 'OUTPUT and POSTROUTING',
    what: (p: { place: string; dst: string; dev: string }) =>
      `To ${p.place}, the envelope to ${p.dst} is a packet of its own: it passes OUTPUT and POSTROUTING, and leaves by ${p.dev}.`,
    whatPlain: (p: { place: string; dst: string }) =>
      `The packet to ${p.dst} is made on ${p.place} itself: it passes OUTPUT and POSTROUTING.`,
    whyEntry: (p: { entry: string }) =>
      `It gets a conntrack entry too (${p.entry}); no nat rule matches it.`,
    why: 'What a machine sends by itself never passes PREROUTING or FORWARD.',
  },
  localIn: {
    title: 'The envelope is for this node',
    titlePlain: 'PREROUTING and INPUT',
    what: (p: { place: string; dst: string; port: string }) =>
      `${p.dst} is ${p.place} itself, so the envelope passes PREROUTING and INPUT up to UDP port ${p.port}.`,
    whatPlain: (p: { place: string; dst: string }) =>
      `${p.dst} is an address of ${p.place} itself: PREROUTING, then INPUT.`,
    why: 'The inner addresses do not matter yet: to netfilter this is a UDP packet between two nodes.',
    whatIp: (p: { place: string; dst: string }) =>
      `${p.dst} is ${p.place} itself, so the envelope passes PREROUTING and INPUT. Its protocol is 4, IP in IP.`,
    whyIp:
      'The inner addresses do not matter yet: to netfilter this is a packet of protocol 4 between two nodes.',
    whyPlain: 'Table local holds the address, so the packet is not forwarded.',
  },
  decap: {
    title: (p: { dev: string; bytes: number }) => `${p.dev} unwraps it: −${p.bytes} bytes`,
    what: (p: { dev: string }) =>
      `${p.dev} takes off the outer headers; the inner frame appears as if received on ${p.dev}.`,
    whatIp: (p: { dev: string }) =>
      `${p.dev} takes off the outer IP header; the inner packet appears as if received on ${p.dev}.`,
    why: (p: { vni: string; port: string }) =>
      `UDP port ${p.port} belongs to the VXLAN device${p.vni}. The frame now starts over: PREROUTING once more.`,
    whyAny:
      'The outer header says that another IP packet is inside. It now starts over: PREROUTING once more.',
  },
  bridge: {
    title: (p: { bridge: string }) => `${p.bridge} switches the frame`,
    what: (p: { bridge: string; port: string; there: string }) =>
      `${p.bridge} forwards the frame to port ${p.port}, and it reaches ${p.there}.`,
    flood: (p: { bridge: string; count: number }) =>
      `${p.bridge} floods the frame to ${p.count} ports.`,
    why: (p: { why: string }) => `A bridge decides by MAC address alone: ${p.why}.`,
  },
  appliance: {
    titleRoute: (p: { dst: string; target: string }) => `VPC route for ${p.dst}: ${p.target}`,
    titleTranslate: (p: { manip: 'src' | 'dst' }) =>
      p.manip === 'src' ? 'The source is exchanged' : 'The destination is exchanged',
    titleCarry: 'Carried to the interface with this MAC',
    route: (p: { place: string; table: string; dst: string; route: string }) =>
      `${p.place} looks up ${p.dst} in route table ${p.table}: “${p.route}”.`,
    translate: (p: { place: string; from: string; to: string }) =>
      `${p.place} puts ${p.to} in the place of ${p.from}.`,
    carry: (p: { place: string; dst: string }) =>
      `Both ends are on one subnet: ${p.place} carries the frame to the interface that its MAC names.`,
    why: (p: { why: string }) => `${capital(p.why)}.`,
    whyPlain: 'The table of the VPC says so.',
  },
  fragment: {
    title: 'Cut to fit',
    titleBack: 'Put together again',
    what: (p: { mtu: number; count: number }) =>
      `The packet is longer than the MTU of ${p.mtu} bytes: it is cut into ${p.count} pieces.`,
    back: (p: { count: number }) => `${p.count} pieces are put together to the whole packet.`,
    why: 'The header does not forbid it (DF is not set).',
    whyBack: 'Connection tracking needs whole packets: ports stand in the first piece only.',
  },
  deliver: {
    title: (p: { process: string; word: string }) => `${p.process} gets ${p.word}`,
    what: (p: { process: string; word: string; socket: string }) =>
      `${capital(p.word)} reaches ${p.process}: socket ${p.socket}.`,
    kernel: (p: { place: string; protocol: string }) =>
      `The packet is delivered to the ${p.protocol} layer of ${p.place}.`,
    why: (p: { dst: string; dev: string; src: string }) =>
      `${p.dst} is the address of ${p.dev} here. The socket sees ${p.src} as its peer.`,
    whyMatch: (p: { src: string }) =>
      `It comes from ${p.src}, the very address that was called. The client never learns of any other.`,
    whyLocal: 'Table local holds the destination, and a socket is bound to the port.',
  },
  drop: {
    title: (p: { reason: string }) => `DROPPED: ${p.reason}`,
    what: (p: { at: string; reason: string }) => `The packet ends here: ${p.reason}, in ${p.at}.`,
    why: (p: { why: string }) => `Reason: ${p.why}.`,
    whyRule: (p: { table: string; chain: string; rule: number; by: string; comment: string }) =>
      `Rule ${p.rule} of ${p.chain} in table ${p.table} drops it${p.by}${p.comment}.`,
    by: (p: { who: string; object: string }) =>
      `, written by ${p.who}${p.object === '' ? '' : ` for ${p.object}`}`,
  },
  packet: {
    title: (p: { word: string; process: string }) => `${capital(p.word)} from ${p.process}`,
    there: (p: Ends & { word: string; count: number }) =>
      `${capital(p.word)}, ${p.src} → ${p.dst}, takes the way of the request (${p.count} stations).`,
    back: (p: Ends & { word: string; count: number }) =>
      `${capital(p.word)}, ${p.src} → ${p.dst}, takes the way of the reply (${p.count} stations).`,
    lost: (p: Ends & { word: string; reason: string }) =>
      `${capital(p.word)}, ${p.src} → ${p.dst}, is lost on the way: ${p.reason}.`,
    dnat: 'No nat rule is walked: the conntrack entry rewrites the destination.',
    undo: 'No nat rule is walked: the conntrack entry puts the source back.',
    snat: 'No nat rule is walked: the conntrack entry rewrites the source.',
    plain: 'Nothing rewrites it on the way.',
    data: (p: { line: string }) => `It carries “${p.line}”.`,
    syn: (p: { process: string }) => `The handshake goes on: ${p.process} confirms what it got.`,
    fin: (p: { process: string }) => `${p.process} has nothing more to send and closes its side.`,
    ack: (p: { process: string }) => `${p.process} confirms what it got.`,
    rst: (p: { process: string }) => `The kernel of ${p.process} knows no such connection.`,
  },
  packets: {
    title: (p: { count: number }) => `${p.count} more packets`,
    what: (p: { count: number }) =>
      `${p.count} packets of the same conversation, one after the other.`,
    why: 'They go the ways that were shown. Open the step to see each of them.',
  },
  result: {
    title: (p: { process: string; result: string }) => `${p.process}: ${p.result}`,
    ok: (p: { process: string; bytes: number }) => `${p.process} has its answer: ${p.bytes} bytes.`,
    failed: (p: { process: string; error: string }) => `${p.process} gives up: ${p.error}.`,
    whyOk: (p: { by: string; process: string; asked: string }) =>
      `It was served by ${p.by}. All that ${p.process} ever saw is ${p.asked}.`,
    whyFailed: (p: { stage: string }) => `It failed at: ${p.stage}.`,
  },
  process: {
    title: (p: { process: string; call: string }) => `${p.process}: ${p.call}`,
    what: (p: { process: string; call: string; text: string }) =>
      `${p.process} calls ${p.call}: ${p.text}.`,
    why: 'No packet is needed for that.',
  },
  command: {
    title: 'Somebody types a command',
    what: (p: { text: string; place: string }) => `On ${p.place}: ${p.text}`,
    why: 'The scenario says so. What follows happens in the changed network.',
  },
} as const;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
