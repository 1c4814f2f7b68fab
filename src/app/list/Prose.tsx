// Sets what is data in a sentence (addresses, ports, chains, devices) in the data font, so that it can be told from words.
const DATA =
  /((?:\d{1,3}\.){3}\d{1,3}(?:\/\d+)?(?::\d+)?|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|\[?(?:[0-9a-f]{1,4}:){2,}[0-9a-f:]*\]?(?::\d+)?|\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b|\b(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING|DNAT|SNAT|MASQUERADE)\b|\b(?:eth|cni|veth|ens|br|lo|flannel\.|cali|vxlan)[0-9a-f]{1,10}\b)/g;

export function Prose({ text }: { readonly text: string }) {
  return (
    <>{text.split(DATA).map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>
  );
}
