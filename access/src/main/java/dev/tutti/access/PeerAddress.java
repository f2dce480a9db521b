package dev.tutti.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/// The address of a peer, in one way of writing it: an IPv4 address inside IPv6 is the IPv4
/// address, and a zone is left out.
///
/// @param text as a machine writes it
public record PeerAddress(String text) {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /// The loopback address of IPv4.
  public static final PeerAddress LOOPBACK = new PeerAddress("127.0.0.1");

  /// Reads an address; a name is none, so that nothing is ever looked up.
  public static Optional<PeerAddress> of(String text) {
    return bytes(text).map(bytes -> new PeerAddress(written(bytes)));
  }

  /// Whether it belongs to this machine, to a private network or to a link: RFC 1918, RFC 4193
  /// (unique local), RFC 3927 and RFC 4291 (link-local), RFC 6598 (100.64.0.0/10), loopback.
  public boolean isPrivate() {
    return bytes(text).filter(PeerAddress::isPrivate).isPresent();
  }

  /// Whether it is this machine's own.
  public boolean isLoopback() {
    return bytes(text)
        .filter(bytes -> bytes.length == 4 ? bytes[0] == 127 : isOne(bytes))
        .isPresent();
  }

  private static boolean isPrivate(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (bytes.length == 4) {
      return first == 10
          || first == 127
          || (first == 172 && second >= 16 && second < 32)
          || (first == 192 && second == 168)
          || (first == 169 && second == 254)
          || (first == 100 && second >= 64 && second < 128);
    }
    return (first & 0xfe) == 0xfc || (first == 0xfe && (second & 0xc0) == 0x80) || isOne(bytes);
  }

  private static boolean isOne(byte[] bytes) {
    for (int i = 0; i < bytes.length - 1; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[bytes.length - 1] == 1;
  }

  private static Optional<byte[]> bytes(String text) {
    int zone = text.indexOf('%');
    String plain = zone < 0 ? text : text.substring(0, zone);
    if (!IPV4.matcher(plain).matches() && !IPV6.matcher(plain).matches()) {
      return Optional.empty();
    }
    try {
      // Nothing is ever looked up. ::ffff:a.b.c.d comes back as four bytes.
      return Optional.of(InetAddress.ofLiteral(plain).getAddress());
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static String written(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
