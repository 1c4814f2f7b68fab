// Where to read on: kernel files of the version that is modelled, RFCs, Kubernetes documents. Adding one is a line here.
const kernel = (file: string) => ({
  label: file,
  url: `https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/tree/${file}?h=v6.18`,
});
const rfc = (number: number, label = `RFC ${number}`) => ({
  label,
  url: `https://www.rfc-editor.org/rfc/rfc${number}`,
});

export const SOURCES = {
  tcpConnect: kernel('net/ipv4/tcp_output.c'),
  tcpReceive: kernel('net/ipv4/tcp_ipv4.c'),
  udp: kernel('net/ipv4/udp.c'),
  fib: kernel('net/ipv4/fib_trie.c'),
  arp: rfc(826, 'RFC 826 (ARP)'),
  nd: rfc(4861, 'RFC 4861 (neighbour discovery)'),
  neighbour: kernel('net/core/neighbour.c'),
  veth: kernel('drivers/net/veth.c'),
  bridge: kernel('net/bridge/br_input.c'),
  bridgeNf: kernel('net/bridge/br_netfilter_hooks.c'),
  conntrack: kernel('net/netfilter/nf_conntrack_core.c'),
  nat: kernel('net/netfilter/nf_nat_core.c'),
  iptables: kernel('net/ipv4/netfilter/ip_tables.c'),
  networkModel: {
    label: 'Kubernetes: the network model',
    url: 'https://kubernetes.io/docs/concepts/services-networking/',
  },
  kubeProxy: {
    label: 'Kubernetes: Virtual IPs and Service Proxies',
    url: 'https://kubernetes.io/docs/reference/networking/virtual-ips/',
  },
  forward: kernel('net/ipv4/ip_forward.c'),
  output: kernel('net/ipv4/ip_output.c'),
  input: kernel('net/ipv4/ip_input.c'),
  vxlan: kernel('drivers/net/vxlan/vxlan_core.c'),
  flannel: {
    label: 'flannel: Backends',
    url: 'https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md',
  },
  ipip: kernel('net/ipv4/ipip.c'),
  dev: kernel('net/core/dev.c'),
  fragment: rfc(791, 'RFC 791 (IP)'),
  vpc: {
    label: 'Amazon VPC: How it works',
    url: 'https://docs.aws.amazon.com/vpc/latest/userguide/how-it-works.html',
  },
  dropReason: kernel('include/net/dropreason-core.h'),
  icmp: rfc(792, 'RFC 792 (ICMP)'),
  tcp: rfc(9293, 'RFC 9293 (TCP)'),
  socket: { label: 'socket(7)', url: 'https://man7.org/linux/man-pages/man7/socket.7.html' },
} as const;
export type SourceId = keyof typeof SOURCES;
