// Frames captured with tcpdump on a veth pair between two network namespaces of Linux 6.18, offloads off, with the line
// that `tcpdump -nSt` 4.99.3 prints for each. `78*1448` stands for 1448 times the byte 78.

export interface Vector {
  readonly name: string;
  readonly tcpdump: string;
  readonly bytes: string;
}

export function vectorBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const part of text.split(' ')) {
    const [hex = '', times] = part.split('*');
    for (let i = 0; i < (times === undefined ? 1 : Number(times)); i++)
      for (let at = 0; at < hex.length; at += 2)
        bytes.push(Number.parseInt(hex.slice(at, at + 2), 16));
  }
  return Uint8Array.from(bytes);
}

export const FRAMES: readonly Vector[] = [
  {
    name: 'ARP request',
    tcpdump: 'ARP, Request who-has 172.18.0.99 tell 172.18.0.2, length 28',
    bytes: 'ffffffffffff9689367f129b080600010800060400019689367f129bac120002000000000000ac120063',
  },
  {
    name: 'TCP SYN with options',
    tcpdump: 'IP 172.18.0.2.43232 > 172.18.0.3.8080: Flags [S], seq 2922379710, win 64240, options [mss 1460,sackOK,TS val 445151887 ecr 0,nop,wscale 10], length 0',
    bytes: 'eaf28fa184d79689367f129b08004500003c7a90400040066802ac120002ac120003a8e01f90ae2ff9be00000000a002faf0ef6b0000020405b40402080a1a887a8f000000000103030a',
  },
  {
    name: 'TCP SYN-ACK',
    tcpdump: 'IP 172.18.0.3.8080 > 172.18.0.2.43232: Flags [S.], seq 3622060648, ack 2922379711, win 65160, options [mss 1460,sackOK,TS val 2309073525 ecr 445151887,nop,wscale 10], length 0',
    bytes: '9689367f129beaf28fa184d708004500003c000040004006e292ac120003ac1200021f90a8e0d7e44268ae2ff9bfa012fe889d5e0000020405b40402080a89a1aa751a887a8f0103030a',
  },
  {
    name: 'TCP data',
    tcpdump: 'IP 172.18.0.2.43232 > 172.18.0.3.8080: Flags [P.], seq 2922379711:2922379729, ack 3622060649, win 63, options [nop,nop,TS val 445151888 ecr 2309073525], length 18: HTTP: GET / HTTP/1.1',
    bytes: 'eaf28fa184d79689367f129b0800450000467a924000400667f6ac120002ac120003a8e01f90ae2ff9bfd7e442698018003febbb00000101080a1a887a9089a1aa75474554202f20485454502f312e310d0a0d0a',
  },
  {
    name: 'TCP FIN',
    tcpdump: 'IP 172.18.0.3.8080 > 172.18.0.2.43232: Flags [F.], seq 3622060673, ack 2922379729, win 64, options [nop,nop,TS val 2309073525 ecr 445151888], length 0',
    bytes: '9689367f129beaf28fa184d70800450000346e69400040067431ac120003ac1200021f90a8e0d7e44281ae2ff9d180110040ca4a00000101080a89a1aa751a887a90',
  },
  {
    name: 'TCP RST to a closed port',
    tcpdump: 'IP 172.18.0.3.81 > 172.18.0.2.34158: Flags [R.], seq 0, ack 4165365766, win 0, length 0',
    bytes: '9689367f129beaf28fa184d7080045000028000040004006e2a6ac120003ac1200020051856e00000000f846700650140000699a0000',
  },
  {
    name: 'TCP SYN over IPv6',
    tcpdump: 'IP6 fd00::2.39426 > fd00::3.8080: Flags [S], seq 2743841398, win 64800, options [mss 1440,sackOK,TS val 2610152379 ecr 0,nop,wscale 10], length 0',
    bytes: 'eaf28fa184d79689367f129b86dd600b35d300280640fd000000000000000000000000000002fd0000000000000000000000000000039a021f90a38bb27600000000a002fd20e2050000020405a00402080a9b93c3bb000000000103030a',
  },
  {
    name: 'UDP',
    tcpdump: 'IP 172.18.0.2.44757 > 172.18.0.3.9999: UDP, length 3',
    bytes: 'eaf28fa184d79689367f129b08004500001f02ac40004011dff8ac120002ac120003aed5270f000b0d67616263',
  },
  {
    name: 'UDP over IPv6',
    tcpdump: 'IP6 fd00::2.45162 > fd00::3.9999: UDP, length 3',
    bytes: 'eaf28fa184d79689367f129b86dd600376cf000b1140fd000000000000000000000000000002fd000000000000000000000000000003b06a270f000b69f5616263',
  },
  {
    name: 'ICMP echo request',
    tcpdump: 'IP 172.18.0.2 > 172.18.0.3: ICMP echo request, id 4660, seq 1, length 19',
    bytes: 'eaf28fa184d79689367f129b0800450000275a1240004001889aac120002ac12000308007fca123400016162636465666768696a6b',
  },
  {
    name: 'ICMP port unreachable',
    tcpdump: 'IP 172.18.0.3 > 172.18.0.2: ICMP 172.18.0.3 udp port 9999 unreachable, length 39',
    bytes: '9689367f129beaf28fa184d7080045c0003b89d8000040019800ac120003ac12000203035543000000004500001f02ac40004011dff8ac120002ac120003aed5270f000b0d67616263',
  },
  {
    name: 'ICMP fragmentation needed, quote cut at 576 bytes',
    tcpdump: 'IP 172.18.0.3 > 172.18.0.2: ICMP 172.19.0.3 unreachable - need to frag (mtu 1400), length 556',
    bytes: '9689367f129beaf28fa184d7080045c002408a6a000040019569ac120003ac1200020304fb1700000578450005c6d9484000401103b4ac120002ac1300039532270f05b2db18 79*520',
  },
  {
    name: 'ICMP time exceeded',
    tcpdump: 'IP 172.18.0.3 > 172.18.0.2: ICMP time exceeded in-transit, length 39',
    bytes: '9689367f129beaf28fa184d7080045c0003b89d90000400197ffac120003ac1200020b004d47000000004500001f3b0d40000111e696ac120002ac130003d8fb270f000be33f616263',
  },
  {
    name: 'ICMP redirect',
    tcpdump: 'IP 172.18.0.3 > 172.18.0.2: ICMP redirect 172.18.0.99 to host 172.18.0.99, length 39',
    bytes: '9689367f129beaf28fa184d7080045c0003b8a6b00004001976dac120003ac1200020501a72fac1200634500001ff74940003f11ebfaac120002ac120063cc10270f000befcb616263',
  },
  {
    name: 'ICMPv6 echo request',
    tcpdump: 'IP6 fd00::2 > fd00::3: ICMP6, echo request, id 4660, seq 1, length 19',
    bytes: 'eaf28fa184d79689367f129b86dd600ddf5300133a40fd000000000000000000000000000002fd00000000000000000000000000000380000d76123400016162636465666768696a6b',
  },
  {
    name: 'ICMPv6 neighbour solicitation',
    tcpdump: 'IP6 fd00::2 > ff02::1:ff00:3: ICMP6, neighbor solicitation, who has fd00::3, length 32',
    bytes: '3333ff0000039689367f129b86dd6000000000203afffd000000000000000000000000000002ff0200000000000000000001ff00000387009ff100000000fd00000000000000000000000000000301019689367f129b',
  },
  {
    name: 'ICMPv6 neighbour advertisement',
    tcpdump: 'IP6 fd00::3 > fd00::2: ICMP6, neighbor advertisement, tgt is fd00::3, length 32',
    bytes: '9689367f129beaf28fa184d786dd6000000000203afffd000000000000000000000000000003fd00000000000000000000000000000288009f2ce0000000fd0000000000000000000000000000030201eaf28fa184d7',
  },
  {
    name: 'ICMPv6 port unreachable',
    tcpdump: 'IP6 fd00::3 > fd00::2: ICMP6, destination unreachable, unreachable port, fd00::3 udp port 9999, length 59',
    bytes: '9689367f129beaf28fa184d786dd600637a9003b3a40fd000000000000000000000000000003fd00000000000000000000000000000201041c7e00000000600376cf000b1140fd000000000000000000000000000002fd000000000000000000000000000003b06a270f000b69f5616263',
  },
  {
    name: 'ICMPv6 time exceeded',
    tcpdump: 'IP6 fd00::3 > fd00::2: ICMP6, time exceeded in-transit for fd01::3, length 59',
    bytes: '9689367f129beaf28fa184d786dd600e6d8c003b3a40fd000000000000000000000000000003fd0000000000000000000000000000020300fd1400000000600d9471000b1101fd000000000000000000000000000002fd010000000000000000000000000003b8a8270f000b61b6616263',
  },
  {
    name: 'ICMPv6 packet too big',
    tcpdump: 'IP6 fd00::3 > fd00::2: ICMP6, packet too big, mtu 1400, length 1240',
    bytes: '9689367f129beaf28fa184d786dd6001f20204d83a40fd000000000000000000000000000003fd0000000000000000000000000000020200026d000005786004428b05a81140fd000000000000000000000000000002fd010000000000000000000000000003a581270f05a88860 79*1184',
  },
  {
    name: 'VXLAN with ARP request',
    tcpdump: 'IP 172.18.0.2.58752 > 172.18.0.3.8472: OTV, flags [I] (0x08), overlay 0, instance 1 ARP, Request who-has 10.244.2.10 tell 10.244.1.10, length 28',
    bytes: 'eaf28fa184d79689367f129b08004500004ea750000040117b25ac120002ac120003e5802118003a2b620800000000000100ffffffffffffd2b7e44de7a008060001080006040001d2b7e44de7a00af4010a0000000000000af4020a',
  },
  {
    name: 'VXLAN with ARP reply',
    tcpdump: 'IP 172.18.0.3.58752 > 172.18.0.2.8472: OTV, flags [I] (0x08), overlay 0, instance 1 ARP, Reply 10.244.2.10 is-at 96:19:8c:0a:89:29, length 28',
    bytes: '9689367f129beaf28fa184d708004500004e353e00004011ed37ac120003ac120002e5802118003ad4c50800000000000100d2b7e44de7a096198c0a89290806000108000604000296198c0a89290af4020ad2b7e44de7a00af4010a',
  },
  {
    name: 'VXLAN with TCP SYN',
    tcpdump: 'IP 172.18.0.2.46111 > 172.18.0.3.8472: OTV, flags [I] (0x08), overlay 0, instance 1 IP 10.244.1.10.44666 > 10.244.2.10.8080: Flags [S], seq 3054403115, win 64860, options [mss 1410,sackOK,TS val 550026340 ecr 0,nop,wscale 10], length 0',
    bytes: 'eaf28fa184d79689367f129b08004500006ea751000040117b04ac120002ac120003b41f2118005a900e080000000000010096198c0a8929d2b7e44de7a008004500003cbb3c4000400666840af4010a0af4020aae7a1f90b60e7e2b00000000a002fd5c52650000020405820402080a20c8bc64000000000103030a',
  },
  {
    name: 'VXLAN with ICMP echo reply',
    tcpdump: 'IP 172.18.0.3.32996 > 172.18.0.2.8472: OTV, flags [I] (0x08), overlay 0, instance 1 IP 10.244.2.10 > 10.244.1.10: ICMP echo reply, id 4660, seq 1, length 13',
    bytes: '9689367f129beaf28fa184d708004500005335dd00004011ec93ac120003ac12000280e42118003faa550800000000000100d2b7e44de7a096198c0a8929080045000021ff790000400162670af4020a0af4010a0000a3f612340001696e6e6572',
  },
];

/** The pieces of two datagrams of 3000 bytes. */
export const FRAGMENTS: readonly Vector[] = [
  {
    name: 'IPv4 fragment 1 of 3',
    tcpdump: 'IP 172.18.0.2.55830 > 172.18.0.3.5353: 30840 zoneRef% [b2&3=0x7878] [30840a] [30840q] [30840n] [30840au] [|domain]',
    bytes: 'eaf28fa184d79689367f129b0800450005dcf8d5200040110412ac120002ac120003da1614e90bc0bf62 78*1472',
  },
  {
    name: 'IPv4 fragment 2 of 3',
    tcpdump: 'IP 172.18.0.2 > 172.18.0.3: ip-proto-17',
    bytes: 'eaf28fa184d79689367f129b0800450005dcf8d520b940110359ac120002ac120003 78*1480',
  },
  {
    name: 'IPv4 fragment 3 of 3',
    tcpdump: 'IP 172.18.0.2 > 172.18.0.3: ip-proto-17',
    bytes: 'eaf28fa184d79689367f129b080045000044f8d5017240112838ac120002ac120003 78*48',
  },
  {
    name: 'IPv6 fragment 1 of 3',
    tcpdump: 'IP6 fd00::2 > fd00::3: frag (0|1448) 44220 > 5353: 30840 zoneRef% [b2&3=0x7878] [30840a] [30840q] [30840n] [30840au] [|domain]',
    bytes: 'eaf28fa184d79689367f129b86dd6004297105b02c40fd000000000000000000000000000002fd000000000000000000000000000003110000017a6a3284acbc14e90bc04ae0 78*1440',
  },
  {
    name: 'IPv6 fragment 2 of 3',
    tcpdump: 'IP6 fd00::2 > fd00::3: frag (1448|1448)',
    bytes: 'eaf28fa184d79689367f129b86dd6004297105b02c40fd000000000000000000000000000002fd000000000000000000000000000003110005a97a6a3284 78*1448',
  },
  {
    name: 'IPv6 fragment 3 of 3',
    tcpdump: 'IP6 fd00::2 > fd00::3: frag (2896|112)',
    bytes: 'eaf28fa184d79689367f129b86dd6004297100782c40fd000000000000000000000000000002fd00000000000000000000000000000311000b507a6a3284 78*112',
  },
];
