// sysctls of a new Linux 6.18 network namespace, and how `all`, `default` and a device's own value combine
// (include/linux/inetdevice.h: IN_DEV_ORCONF, IN_DEV_MAXCONF, IN_DEV_ANDCONF; Documentation/networking/ip-sysctl.rst).

/** Names to values, as `sysctl` spells them. */
export interface Sysctls {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  entries(): readonly (readonly [string, string])[];
  /** The answer to a question about a parameter of a device; known until the next `set`, because packets ask all the time. */
  ask(question: Question, dev: string, key: string): number;
}
type Question = (s: Sysctls, dev: string, key: string) => number;

const DEFAULTS: Readonly<Record<string, number>> = {
  'net.ipv4.ip_forward': 0,
  'net.ipv4.ip_default_ttl': 64,
  'net.ipv4.ip_no_pmtu_disc': 0,
  'net.ipv4.icmp_ratelimit': 1000,
  'net.ipv4.icmp_ratemask': 6168,
  'net.ipv4.icmp_echo_ignore_all': 0,
  'net.ipv4.icmp_errors_use_inbound_ifaddr': 0,
  'net.ipv4.tcp_timestamps': 1,
  'net.ipv4.tcp_window_scaling': 1,
  'net.ipv4.tcp_syn_retries': 6,
  'net.ipv4.tcp_early_retrans': 3,
  'net.ipv4.tcp_sack': 1,
  'net.ipv4.tcp_syn_linear_timeouts': 4,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_retries2': 15,
  'net.bridge.bridge-nf-call-iptables': 1,
  'net.bridge.bridge-nf-call-ip6tables': 1,
  'net.bridge.bridge-nf-call-arptables': 1,
  'net.bridge.bridge-nf-pass-vlan-input-dev': 0,
  'net.netfilter.nf_conntrack_tcp_loose': 1,
  'net.netfilter.nf_conntrack_tcp_be_liberal': 0,
  'net.netfilter.nf_conntrack_max': 262144,
  'net.ipv6.bindv6only': 0,
  'net.ipv6.icmp.ratelimit': 100,
};

/** Per-device settings (`net.ipv4.conf.*`, `net.ipv6.conf.*`, `net.ipv4.neigh.*`): defaults of `all` and of a device. */
const CONF: Readonly<Record<string, { readonly all: number; readonly dev: number }>> = {
  accept_local: { all: 0, dev: 0 },
  accept_redirects: { all: 1, dev: 1 },
  arp_accept: { all: 0, dev: 0 },
  arp_announce: { all: 0, dev: 0 },
  arp_filter: { all: 0, dev: 0 },
  arp_ignore: { all: 0, dev: 0 },
  arp_notify: { all: 0, dev: 0 },
  disable_ipv6: { all: 0, dev: 0 },
  forwarding: { all: 0, dev: 0 },
  proxy_arp: { all: 0, dev: 0 },
  proxy_arp_pvlan: { all: 0, dev: 0 },
  proxy_ndp: { all: 0, dev: 0 },
  route_localnet: { all: 0, dev: 0 },
  rp_filter: { all: 0, dev: 0 },
  secure_redirects: { all: 1, dev: 1 },
  send_redirects: { all: 1, dev: 1 },
  shared_media: { all: 1, dev: 1 },
  src_valid_mark: { all: 0, dev: 0 },
};
const NEIGH: Readonly<Record<string, number>> = {
  base_reachable_time_ms: 30_000,
  delay_first_probe_time: 5,
  gc_stale_time: 60,
  locktime: 100,
  mcast_solicit: 3,
  proxy_delay: 80,
  retrans_time_ms: 1000,
  ucast_solicit: 3,
};

export function createSysctls(initial: Readonly<Record<string, string>> = {}): Sysctls {
  const values = new Map<string, string>();
  const answers = new Map<Question, Map<string, Map<string, number>>>();
  const set = (name: string, value: string): void => {
    answers.clear();
    const changes = Number(values.get(name) ?? 0) !== Number(value);
    values.set(name, value);
    // Writing ip_forward writes `forwarding` of all, default and every device (devinet_sysctl_forward).
    if (name === 'net.ipv4.ip_forward' || name === 'net.ipv4.conf.all.forwarding')
      spread('net.ipv4', value, changes);
    if (name === 'net.ipv6.conf.all.forwarding') spread('net.ipv6', value, changes);
  };
  const spread = (head: string, value: string, changes: boolean): void => {
    for (const key of [...values.keys()])
      if (key.startsWith(`${head}.conf.`) && key.endsWith('.forwarding')) values.delete(key);
    values.set(`${head}.conf.all.forwarding`, value);
    values.set(`${head}.conf.default.forwarding`, value);
    if (head !== 'net.ipv4') return;
    values.set('net.ipv4.ip_forward', value);
    // A router believes no redirects, unless told so later (inet_forward_change).
    if (changes) values.set('net.ipv4.conf.all.accept_redirects', Number(value) === 0 ? '1' : '0');
  };
  for (const [name, value] of Object.entries(initial)) set(name, value);
  const sysctls: Sysctls = {
    get: (name) => values.get(name),
    set,
    entries: () => [...values],
    ask(question, dev, key) {
      let devices = answers.get(question);
      if (devices === undefined) answers.set(question, (devices = new Map()));
      let keys = devices.get(dev);
      if (keys === undefined) devices.set(dev, (keys = new Map()));
      let answer = keys.get(key);
      if (answer === undefined) keys.set(key, (answer = question(sysctls, dev, key)));
      return answer;
    },
  };
  return sysctls;
}

const plain = (s: Sysctls, _dev: string, name: string): number =>
  Number(s.get(name) ?? DEFAULTS[name] ?? 0);
export const sysctl = (sysctls: Sysctls, name: string): number => sysctls.ask(plain, '', name);

const OF_DEVICE = /^net\.ipv[46]\.(conf|neigh)\.[^.]+\.(\w+)$/;

/** Does the engine look at it? (Linux has many more.) */
export function isModelled(name: string): boolean {
  const [, part, key = ''] = OF_DEVICE.exec(name) ?? [];
  return Object.hasOwn(part === undefined ? DEFAULTS : part === 'conf' ? CONF : NEIGH, key || name);
}

type ConfFamily = 'ipv4' | 'ipv6';
const all = (family: ConfFamily) => (s: Sysctls, _dev: string, key: string) =>
  Number(s.get(`net.${family}.conf.all.${key}`) ?? CONF[key]?.all ?? 0);
const own = (family: ConfFamily) => (s: Sysctls, dev: string, key: string) =>
  Number(
    s.get(`net.${family}.conf.${dev}.${key}`) ??
      s.get(`net.${family}.conf.default.${key}`) ??
      CONF[key]?.dev ??
      0,
  );
const neigh = (family: ConfFamily) => (s: Sysctls, dev: string, key: string) =>
  Number(
    s.get(`net.${family}.neigh.${dev}.${key}`) ??
      s.get(`net.${family}.neigh.default.${key}`) ??
      NEIGH[key] ??
      0,
  );
const or = (family: ConfFamily) => (s: Sysctls, dev: string, key: string) =>
  all(family)(s, dev, key) || own(family)(s, dev, key);
const and = (s: Sysctls, dev: string, key: string): number =>
  all('ipv4')(s, dev, key) && own('ipv4')(s, dev, key);
const max = (s: Sysctls, dev: string, key: string): number =>
  Math.max(all('ipv4')(s, dev, key), own('ipv4')(s, dev, key));
const OR = { ipv4: or('ipv4'), ipv6: or('ipv6') };
const OWN = { ipv4: own('ipv4'), ipv6: own('ipv6') };
const NEIGHBOUR = { ipv4: neigh('ipv4'), ipv6: neigh('ipv6') };

/** The device's own value (IN_DEV_CONF_GET): what was written for it, else what `default` was when it was made. */
export const confDev = (
  s: Sysctls,
  dev: string,
  key: string,
  family: ConfFamily = 'ipv4',
): number => s.ask(OWN[family], dev, key);
export const confOr = (
  s: Sysctls,
  dev: string,
  key: string,
  family: ConfFamily = 'ipv4',
): boolean => s.ask(OR[family], dev, key) !== 0;
export const confAnd = (s: Sysctls, dev: string, key: string): boolean =>
  s.ask(and, dev, key) !== 0;
export const confMax = (s: Sysctls, dev: string, key: string): number => s.ask(max, dev, key);

/** A neighbour parameter of a device, e.g. `mcast_solicit`. */
export const neighConf = (
  s: Sysctls,
  dev: string,
  key: string,
  family: ConfFamily = 'ipv4',
): number => s.ask(NEIGHBOUR[family], dev, key);
