package dev.tutti.core;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What sort of address one is, whatever form it comes in. The ranges are those of the special
/// purpose registries (RFC 6890) and what clouds put their metadata services on.
public final class Address {
  private static final Pattern QUAD =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

  /// Some programs read such a host as an address, in octal, hexadecimal or with parts left out;
  /// others ask for a name.
  private static final Pattern NUMERIC = Pattern.compile("(?i)(.*\\.)?(0x[0-9a-f]*|[0-9]+)\\.?");

  private static final List<byte[]> METADATA =
      List.of(
          bytes("a9fea9fe"), // 169.254.169.254
          bytes("a9feaa02"), // 169.254.170.2
          bytes("6464 64c8"), // 100.100.100.200
          bytes("a83f8110"), // 168.63.129.16
          bytes("fd000ec2000000000000000000000254"),
          bytes("fd20 00ce 0000 0000 0000 0000 0000 0254"));

  private Address() {}

  /// Sorts of addresses, from this machine outwards.
  public enum Sort {
    /// This machine.
    LOOPBACK,
    /// A network of its owner's: RFC 1918, 100.64/10, unique local.
    PRIVATE,
    /// One cable, such as 169.254/16.
    LINK_LOCAL,
    /// Where a cloud tells secrets to the machines in it.
    METADATA,
    /// Many machines at once, or none: multicast, broadcast, 0/8, unspecified, reserved.
    NOBODY,
    /// The internet.
    PUBLIC
  }

  /// The sort of an address. One that wraps another (IPv4-mapped and -compatible, NAT64, 6to4,
  /// Teredo) is what it wraps.
  public static Sort sort(InetAddress address) {
    byte[] bytes = unwrapped(address.getAddress());
    for (byte[] secret : METADATA) {
      if (Arrays.equals(secret, bytes)) {
        return Sort.METADATA;
      }
    }
    return bytes.length == 4 ? older(bytes) : newer(bytes);
  }

  /// An address that is written as one, without asking anybody; empty for a name.
  public static Optional<InetAddress> literal(String host) {
    String plain =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    boolean quad = QUAD.matcher(plain).matches();
    if (!quad && plain.indexOf(':') < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(plain));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Whether a host is a number that is no plain address: 0177.0.0.1, 0x7f.1, 2130706433, 127.1,
  /// 256.1.1.1, or something with a colon that is no address.
  public static boolean isAmbiguous(String host) {
    boolean colon = host.indexOf(':') >= 0;
    return literal(host).isEmpty()
        && (colon || NUMERIC.matcher(host.toLowerCase(Locale.ROOT)).matches());
  }

  private static Sort older(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    if (a == 127) {
      return Sort.LOOPBACK;
    }
    if (a == 10 || (a == 172 && (b & 0xf0) == 16) || (a == 192 && b == 168)) {
      return Sort.PRIVATE;
    }
    if (a == 100 && (b & 0xc0) == 64) {
      return Sort.PRIVATE;
    }
    if (a == 169 && b == 254) {
      return Sort.LINK_LOCAL;
    }
    boolean documented =
        (a == 192 && b == 0 && (c == 0 || c == 2))
            || (a == 198 && (b & 0xfe) == 18)
            || (a == 198 && b == 51 && c == 100)
            || (a == 203 && b == 0 && c == 113);
    return a == 0 || a >= 224 || documented ? Sort.NOBODY : Sort.PUBLIC;
  }

  private static Sort newer(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    if (isZero(bytes, 0, 15)) {
      return bytes[15] == 1 ? Sort.LOOPBACK : Sort.NOBODY;
    }
    if ((a & 0xfe) == 0xfc) {
      return Sort.PRIVATE;
    }
    if (a == 0xfe) {
      return Sort.LINK_LOCAL; // fe80::/10, and fec0::/10 which nobody may use any more
    }
    boolean discarded = a == 0x01 && isZero(bytes, 1, 8);
    boolean documented =
        a == 0x20 && b == 0x01 && (bytes[2] & 0xff) == 0x0d && (bytes[3] & 0xff) == 0xb8;
    return a == 0xff || discarded || documented || (a & 0xe0) != 0x20 ? Sort.NOBODY : Sort.PUBLIC;
  }

  /// The IPv4 address inside, where there is one.
  private static byte[] unwrapped(byte[] bytes) {
    if (bytes.length != 16) {
      return bytes;
    }
    boolean mapped = isZero(bytes, 0, 10) && bytes[10] == -1 && bytes[11] == -1;
    boolean translated =
        isZero(bytes, 0, 8) && bytes[8] == -1 && bytes[9] == -1 && isZero(bytes, 10, 12);
    boolean compatible = isZero(bytes, 0, 12) && !isZero(bytes, 12, 15);
    boolean nat64 =
        startsWith(bytes, "0064ff9b0000000000000000") || startsWith(bytes, "0064ff9b0001");
    if (mapped || translated || compatible || nat64) {
      return Arrays.copyOfRange(bytes, 12, 16);
    }
    if (startsWith(bytes, "2002")) {
      return Arrays.copyOfRange(bytes, 2, 6);
    }
    if (startsWith(bytes, "20010000")) {
      byte[] hidden = Arrays.copyOfRange(bytes, 12, 16);
      for (int i = 0; i < hidden.length; i++) {
        hidden[i] = (byte) ~hidden[i];
      }
      return hidden;
    }
    return bytes;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] bytes, String hex) {
    byte[] start = bytes(hex);
    return Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  private static byte[] bytes(String hex) {
    return java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
