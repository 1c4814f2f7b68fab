// Names of ICMP and ICMPv6 types as iptables takes them (libxt_icmp.h); saved rules have numbers.
export interface IcmpType {
  readonly type: number;
  readonly codeMin: number;
  readonly codeMax: number;
}
type Row = readonly [name: string, type: number, code?: number];

const V4: readonly Row[] = [
  ['any', 255], ['echo-reply', 0], ['pong', 0], ['destination-unreachable', 3],
  ['network-unreachable', 3, 0], ['host-unreachable', 3, 1], ['protocol-unreachable', 3, 2], ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4], ['source-route-failed', 3, 5], ['network-unknown', 3, 6], ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9], ['host-prohibited', 3, 10], ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12], ['communication-prohibited', 3, 13], ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15], ['source-quench', 4], ['redirect', 5], ['network-redirect', 5, 0], ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2], ['TOS-host-redirect', 5, 3], ['echo-request', 8], ['ping', 8], ['router-advertisement', 9],
  ['router-solicitation', 10], ['time-exceeded', 11], ['ttl-exceeded', 11], ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1], ['parameter-problem', 12], ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1], ['timestamp-request', 13], ['timestamp-reply', 14], ['address-mask-request', 17],
  ['address-mask-reply', 18],
]; // prettier-ignore
const V6: readonly Row[] = [
  ['destination-unreachable', 1], ['no-route', 1, 0], ['communication-prohibited', 1, 1], ['beyond-scope', 1, 2],
  ['address-unreachable', 1, 3], ['port-unreachable', 1, 4], ['failed-policy', 1, 5], ['reject-route', 1, 6],
  ['packet-too-big', 2], ['time-exceeded', 3], ['ttl-exceeded', 3], ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1], ['parameter-problem', 4], ['bad-header', 4, 0], ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2], ['echo-request', 128], ['ping', 128], ['echo-reply', 129], ['pong', 129],
  ['mld-listener-query', 130], ['mld-listener-report', 131], ['mld-listener-done', 132], ['router-solicitation', 133],
  ['router-advertisement', 134], ['neighbour-solicitation', 135], ['neighbor-solicitation', 135],
  ['neighbour-advertisement', 136], ['neighbor-advertisement', 136], ['redirect', 137],
]; // prettier-ignore

/** A name (or the beginning of exactly one) or `type[/code]`. */
export function parseIcmpType(text: string, family: 'ipv4' | 'ipv6'): IcmpType | null {
  const numeric = /^(\d+)(?:\/(\d+))?$/.exec(text);
  if (numeric) {
    const type = Number(numeric[1]);
    const code = numeric[2] === undefined ? null : Number(numeric[2]);
    if (type > 255 || (code !== null && code > 255)) return null;
    return { type, codeMin: code ?? 0, codeMax: code ?? 255 };
  }
  const rows = family === 'ipv4' ? V4 : V6;
  const name = text.toLowerCase();
  const exact = rows.find(([row]) => row.toLowerCase() === name);
  const begins = rows.filter(([row]) => row.toLowerCase().startsWith(name));
  const row = exact ?? (begins.length === 1 ? begins[0] : undefined);
  return row === undefined ? null : { type: row[1], codeMin: row[2] ?? 0, codeMax: row[2] ?? 255 };
}
export const printIcmpType = ({ type, codeMin, codeMax }: IcmpType): string =>
  codeMin === 0 && codeMax === 255 ? `${type}` : `${type}/${codeMin}`;
