package dev.tutti.discovery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which of this machine's addresses are in a LAN where other machines may be.
public final class LanInterfaces {
  /// Addresses that are used, at most.
  public static final int MAX_ADDRESSES = 8;

  private static final int IPV6_UNIQUE_LOCAL_MASK = 0xfe;
  private static final int IPV6_UNIQUE_LOCAL = 0xfc;
  private static final int CARRIER_FIRST_BYTE = 100;
  private static final int CARRIER_MASK = 0xc0;
  private static final int CARRIER_SECOND_BITS = 64;

  /// Tunnels, and bridges to containers and virtual machines: no other machine hears us there.
  private static final List<String> NO_LAN =
      List.of(
          "docker", "br-", "veth", "virbr", "vboxnet", "vmnet", "bridge", "lxc", "lxd", "cni",
          "flannel", "cali", "podman", "utun", "awdl", "llw", "tun", "wg", "ppp");

  private LanInterfaces() {}

  /// One address for each interface that is up, can multicast and leads to a LAN. Asks the
  /// operating system: not on an event loop.
  public static List<InetAddress> addresses() {
    var addresses = new ArrayList<InetAddress>();
    try {
      for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (addresses.size() < MAX_ADDRESSES && leadsToLan(card)) {
          best(Collections.list(card.getInetAddresses())).ifPresent(addresses::add);
        }
      }
    } catch (SocketException _) {
      // Without interfaces there is no LAN.
    }
    return List.copyOf(addresses);
  }

  private static boolean leadsToLan(NetworkInterface card) throws SocketException {
    return card.isUp()
        && card.supportsMulticast()
        && !card.isLoopback()
        && !card.isPointToPoint()
        && !isExcluded(card.getName());
  }

  static boolean isExcluded(String interfaceName) {
    String name = interfaceName.toLowerCase(Locale.ROOT);
    return NO_LAN.stream().anyMatch(name::startsWith);
  }

  /// IPv4 before IPv6; link-local ones do not lead anywhere by themselves.
  static Optional<InetAddress> best(List<InetAddress> addresses) {
    return addresses.stream()
        .filter(address -> !address.isLinkLocalAddress() && !address.isLoopbackAddress())
        .min((one, other) ->
            Boolean.compare(!(one instanceof Inet4Address), !(other instanceof Inet4Address)));
  }

  /// Whether an address belongs to somebody's own network: private, unique local, or the range that
  /// carriers and overlay networks share. Loopback and link-local are not among them.
  static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      boolean carrier =
          (bytes[0] & 0xff) == CARRIER_FIRST_BYTE
              && (bytes[1] & CARRIER_MASK) == CARRIER_SECOND_BITS;
      return carrier || address.isSiteLocalAddress();
    }
    return (bytes[0] & IPV6_UNIQUE_LOCAL_MASK) == IPV6_UNIQUE_LOCAL;
  }
}
