// Extensions that iptables has and this program does not model. A rule with one is left out and named: nobody should
// think that it was understood.
const MATCHES: ReadonlySet<string> = new Set(
  (
    'ah bpf cgroup cluster connbytes connlabel connlimit cpu dccp devgroup dscp dst ecn esp eui64 frag hbh helper ' +
    'ipcomp ipv6header ipvs mh osf policy quota rateest realm rt socket srh string time tos u32'
  ).split(' '),
);
const TARGETS: ReadonlySet<string> = new Set(
  (
    'AUDIT CLASSIFY CLUSTERIP CONNSECMARK DNPT DSCP ECN HMARK IDLETIMER LED NETMAP NFQUEUE QUEUE RATEEST SECMARK SNPT ' +
    'SYNPROXY TCPOPTSTRIP TEE TOS TPROXY'
  ).split(' '),
);
export const isUnmodelledMatch = (name: string): boolean => MATCHES.has(name);
export const isUnmodelledTarget = (name: string): boolean => TARGETS.has(name);
