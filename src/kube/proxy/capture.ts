// Capture rules of one Service port: how its cluster IP, external IPs, load balancer IPs and node port lead into its chains, or to
// REJECT and DROP where they lead nowhere. They are rewritten in every sync, partial ones too.
import { answersOnLocalhost } from './closing.ts';
import type { ServicePlan } from './service-plan.ts';
import type { ProxyConfig } from './types.ts';
import { bareComment, comment, destination, objectOf, protocolMatch, put } from './writer.ts';
import type { RuleWriter } from './writer.ts';

export function writeCaptureRules(
  writer: RuleWriter,
  plan: ServicePlan,
  config: ProxyConfig,
): void {
  const { port, chains, verdict } = plan;
  const object = objectOf(port);
  const nat = (chain: string, ...parts: string[]): void => put(writer, 'nat', chain, parts, object);
  const filter = (chain: string, ...parts: string[]): void =>
    put(writer, 'filter', chain, parts, object);
  const refuse = (...match: string[]): void =>
    filter('KUBE-EXTERNAL-SERVICES', comment(verdict.comment), ...match, `-j ${verdict.target}`);

  const clusterIP = destination(port, port.clusterIP);
  if (plan.hasInternal)
    nat('KUBE-SERVICES', comment(`${port.name} cluster IP`), clusterIP, `-j ${chains.internal}`);
  else filter('KUBE-SERVICES', comment(verdict.comment), clusterIP, `-j ${verdict.target}`);

  for (const ip of port.externalIPs) {
    const match = destination(port, ip);
    if (plan.hasAny)
      nat('KUBE-SERVICES', comment(`${port.name} external IP`), match, `-j ${chains.ext}`);
    if (!plan.hasExternal) refuse(match);
  }

  for (const ip of port.lbVIPs) {
    const match = destination(port, ip);
    const enter = `-j ${chains.loadBalancer}`;
    if (plan.hasAny) nat('KUBE-SERVICES', comment(`${port.name} loadbalancer IP`), match, enter);
    if (plan.useFw)
      filter(
        'KUBE-PROXY-FIREWALL',
        comment(`${port.name} traffic not accepted by ${chains.fw}`),
        match,
        '-j DROP',
      );
  }
  if (!plan.hasExternal) for (const ip of port.lbVIPs) refuse(destination(port, ip));

  if (port.nodePort !== 0) writeNodePort(writer, plan, config, refuse);

  if (port.healthCheckNodePort !== 0)
    filter(
      'KUBE-NODEPORTS',
      comment(`${port.name} health check node port`),
      `-m tcp -p tcp --dport ${port.healthCheckNodePort}`,
      '-j ACCEPT',
    );
}

function writeNodePort(
  writer: RuleWriter,
  plan: ServicePlan,
  config: ProxyConfig,
  refuse: (...match: string[]) => void,
): void {
  const { port, chains } = plan;
  const object = objectOf(port);
  const protocol = protocolMatch(port);
  const dport = `--dport ${port.nodePort}`;
  if (plan.hasAny) {
    // Counts the users of a feature that upstream wants to retire; the same verdict as the rule after it.
    if (answersOnLocalhost(config) && config.nfacct.localhostAccepted)
      put(
        writer,
        'nat',
        'KUBE-NODEPORTS',
        [
          bareComment(port.name),
          `${protocol} -d 127.0.0.0/8 ${dport}`,
          '-m nfacct --nfacct-name localhost_nps_accepted_pkts',
          `-j ${chains.ext}`,
        ],
        object,
      );
    put(
      writer,
      'nat',
      'KUBE-NODEPORTS',
      [bareComment(port.name), `${protocol} ${dport}`, `-j ${chains.ext}`],
      object,
    );
  }
  if (!plan.hasExternal) refuse('-m addrtype --dst-type LOCAL', `${protocol} ${dport}`);
}
