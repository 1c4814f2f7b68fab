// Ports that people write by name in rules (a small part of /etc/services). iptables-save prints numbers.
const PORTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    'ftp-data': 20, ftp: 21, ssh: 22, telnet: 23, smtp: 25, time: 37, domain: 53, bootps: 67, bootpc: 68, tftp: 69,
    http: 80, kerberos: 88, pop3: 110, sunrpc: 111, ntp: 123, imap2: 143, snmp: 161, 'snmp-trap': 162, bgp: 179,
    ldap: 389, https: 443, 'microsoft-ds': 445, syslog: 514, submission: 587, ldaps: 636, imaps: 993, pop3s: 995,
    nfs: 2049, mysql: 3306, postgresql: 5432, 'http-alt': 8080,
  }),
); // prettier-ignore

export const serviceNumber = (name: string): number | null => PORTS.get(name) ?? null;
