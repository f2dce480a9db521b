package dev.tutti.discovery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import javax.jmdns.ServiceInfo;
import javax.jmdns.impl.DNSOutgoing;
import javax.jmdns.impl.DNSQuestion;
import javax.jmdns.impl.DNSRecord;
import javax.jmdns.impl.HostInfo;
import javax.jmdns.impl.ServiceInfoImpl;
import javax.jmdns.impl.constants.DNSConstants;
import javax.jmdns.impl.constants.DNSRecordClass;
import javax.jmdns.impl.constants.DNSRecordType;

/// Packets of mDNS that are not right: some that fuzzing found, which ended the library's only
/// thread, and thousands that are nearly right, announcements and questions with bytes changed, cut
/// and repeated. The same ones each time.
final class HostilePackets {
  private static final int PACKETS = 6_000;
  private static final int MDNS_PORT = 5353;
  private static final long PAUSE_NANOS = 300_000;

  private HostilePackets() {}

  /// Sends them all to everybody in the LAN of that address.
  static AutoCloseable shout(InetAddress from) throws IOException {
    var random = new Random(4711);
    List<byte[]> good = List.of(announcement(), question());
    try (var socket = new MulticastSocket(new InetSocketAddress(from, 0))) {
      socket.setNetworkInterface(NetworkInterface.getByInetAddress(from));
      InetAddress everybody = InetAddress.getByName("224.0.0.251");
      for (int i = 0; i < PACKETS; i++) {
        byte[] packet =
            i % 10 == 0 ? oddAddress(i / 10 % 20) : spoiled(good.get(i % good.size()), random);
        socket.send(new DatagramPacket(packet, packet.length, everybody, MDNS_PORT));
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return () -> {};
  }

  /// An answer with an address record for IPv6 of so many bytes. Four of them ended the library's
  /// thread.
  private static byte[] oddAddress(int length) {
    var packet = new ByteArrayOutputStream();
    packet.writeBytes(new byte[] {0, 0, (byte) 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0});
    for (String label : List.of("eve", "local")) {
      packet.write(label.length());
      packet.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    packet.writeBytes(new byte[] {0, 0, 28, 0, 1, 0, 0, 14, 16, 0, (byte) length});
    packet.writeBytes(new byte[length]);
    return packet.toByteArray();
  }

  private static byte[] spoiled(byte[] good, Random random) {
    byte[] bytes = good.clone();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(12, at));
        default -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(40));
      }
    }
    return bytes;
  }

  private static byte[] announcement() throws IOException {
    var notice = new HubNotice("eve", "0.1.0", 8766, "/nodes");
    var service =
        (ServiceInfoImpl)
            ServiceInfo.create(
                HubNotice.TYPE, notice.hubId(), notice.port(), 0, 0, notice.values());
    var address = InetAddress.getByAddress(new byte[] {10, (byte) 213, 7, 9});
    HostInfo host = HostInfo.newHostInfo(address, null, "eve");
    var out = new DNSOutgoing(DNSConstants.FLAGS_QR_RESPONSE | DNSConstants.FLAGS_AA, true);
    for (DNSRecord record :
        service.answers(DNSRecordClass.CLASS_IN, true, DNSConstants.DNS_TTL, host)) {
      out.addAnswer(record, 0);
    }
    for (DNSRecord record : host.answers(DNSRecordClass.CLASS_IN, true, DNSConstants.DNS_TTL)) {
      out.addAnswer(record, 0);
    }
    return out.data();
  }

  private static byte[] question() throws IOException {
    var out = new DNSOutgoing(DNSConstants.FLAGS_QR_QUERY, true);
    for (DNSRecordType type :
        List.of(DNSRecordType.TYPE_PTR, DNSRecordType.TYPE_SRV, DNSRecordType.TYPE_ANY)) {
      out.addQuestion(
          DNSQuestion.newQuestion(HubNotice.TYPE, type, DNSRecordClass.CLASS_IN, false));
    }
    return out.data();
  }
}
