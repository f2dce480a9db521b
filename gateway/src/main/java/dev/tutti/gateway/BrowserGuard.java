package dev.tutti.gateway;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Keeps a foreign web page's scripts away: without it any page open in a browser on this machine
/// could use the engines, or point the hub at an engine of its own.
///
/// Two ways are closed: a request that names another site as its origin, and one that reaches this
/// machine through a foreign name that was made to point here.
final class BrowserGuard {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9+.-]*)://");
  private static final Pattern PORT = Pattern.compile(":\\d{0,5}$");

  private BrowserGuard() {}

  /// Whether a request came under a name that no stranger's DNS can point here, or under an
  /// address, or under a name that the owner lists.
  ///
  /// @param authority the name, and perhaps a port
  static boolean isOurs(String authority, Set<String> listed) {
    String host = hostOf(authority);
    return isOurs(host) || listed.contains(host);
  }

  /// Whether the origin is a page of this very hub.
  static boolean isSame(String origin, @Nullable String host) {
    return host != null
        && (origin.equalsIgnoreCase("http://" + host)
            || origin.equalsIgnoreCase("https://" + host));
  }

  /// Whether the origin is a page of this machine or of this hub, or a desktop program.
  static boolean originIsAtHome(String origin, @Nullable String host) {
    Matcher scheme = SCHEME.matcher(origin);
    if (!scheme.lookingAt()) {
      return false;
    }
    if (!scheme.group(1).equals("http") && !scheme.group(1).equals("https")) {
      // Desktop programs: app://, file://, tauri://, vscode-webview:// … no web page has these.
      return true;
    }
    URI uri;
    try {
      uri = new URI(origin);
    } catch (URISyntaxException _) {
      return false;
    }
    String authority = uri.getRawAuthority();
    if (authority == null) {
      return false;
    }
    return isLoopback(hostOf(authority)) || authority.equals(host);
  }

  private static boolean isOurs(String host) {
    return isLoopback(host)
        || host.startsWith("[")
        || IPV4.matcher(host).matches()
        || host.indexOf('.') < 0
        || host.endsWith(".local")
        || host.endsWith(".internal")
        || host.endsWith(".lan");
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.equals("[::1]")
        || (host.startsWith("127.") && IPV4.matcher(host).matches());
  }

  private static String hostOf(String authority) {
    return PORT.matcher(authority).replaceFirst("").toLowerCase(Locale.ROOT);
  }
}
