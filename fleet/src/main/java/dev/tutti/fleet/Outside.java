package dev.tutti.fleet;

import java.util.List;
import java.util.Locale;

/// Whether an engine is outside its owner's network, as far as can be told without asking anybody:
/// pure.
///
/// Outside is what listens at a public address or under a public name, and every server of
/// Anthropic's API. A name that is public but leads into the owner's network is taken for outside:
/// who keeps things at home would rather be wrong that way, and the owner can say otherwise.
public final class Outside {
  /// Ends of names that lead nowhere outside: mDNS, RFC 8375, routers' own, RFC 6761, Tailscale.
  private static final List<String> INSIDE =
      List.of(
          ".local",
          ".lan",
          ".home",
          ".home.arpa",
          ".internal",
          ".intranet",
          ".localdomain",
          ".localhost",
          ".test",
          ".ts.net");

  private Outside() {}

  /// Whether that engine is outside. One behind an agent is where the agent is.
  public static boolean is(BackendView backend) {
    return backend.way() == Way.DIRECT
        && (backend.facts().kind() == BackendKind.ANTHROPIC || isPublic(hostOf(backend.url())));
  }

  /// The host of a URL as {@link BackendView#url} has it; IPv6 addresses without brackets.
  static String hostOf(String url) {
    int scheme = url.indexOf("://");
    int from = scheme < 0 ? 0 : scheme + "://".length();
    if (from < url.length() && url.charAt(from) == '[') {
      int end = url.indexOf(']', from);
      return end < 0 ? url.substring(from + 1) : url.substring(from + 1, end);
    }
    int end = from;
    while (end < url.length() && url.charAt(end) != ':' && url.charAt(end) != '/') {
      end++;
    }
    return url.substring(from, end);
  }

  /// Whether a host's name or address is one that anybody in the world could have.
  public static boolean isPublic(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.indexOf(':') >= 0) {
      return isPublicV6(name);
    }
    if (name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'))) {
      return isPublicV4(name);
    }
    return name.indexOf('.') >= 0 && INSIDE.stream().noneMatch(name::endsWith);
  }

  /// Private, loopback, link-local and carrier-grade (RFC 1918, 1122, 3927, 6598) are inside.
  private static boolean isPublicV4(String address) {
    String[] parts = address.split("\\.", -1);
    int[] bytes = new int[4];
    for (int i = 0; i < bytes.length && i < parts.length; i++) {
      bytes[i] = parts[i].isEmpty() || parts[i].length() > 3 ? 0 : Integer.parseInt(parts[i]);
    }
    return switch (bytes[0]) {
      case 0, 10, 127 -> false;
      case 100 -> bytes[1] < 64 || bytes[1] > 127;
      case 169 -> bytes[1] != 254;
      case 172 -> bytes[1] < 16 || bytes[1] > 31;
      case 192 -> bytes[1] != 168;
      default -> true;
    };
  }

  /// Loopback, link-local and unique local (RFC 4291, 4193) are inside.
  private static boolean isPublicV6(String address) {
    if (address.startsWith("::ffff:") && address.indexOf('.') >= 0) {
      return isPublicV4(address.substring("::ffff:".length()));
    }
    boolean loopback = address.equals("::1") || address.equals("0:0:0:0:0:0:0:1");
    return !loopback && !address.matches("f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*");
  }
}
