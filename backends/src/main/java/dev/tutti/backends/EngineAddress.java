package dev.tutti.backends;

import dev.tutti.core.MeshException;
import dev.tutti.core.Outbound;
import dev.tutti.fleet.FleetLimits;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// Where an engine listens, and what its owner says about it.
///
/// @param secure whether it is `https`
/// @param host a name or an address; an IPv6 address without brackets
/// @param port 1 to 65535
/// @param basePath what comes before every path of the engine: empty, or with a leading slash and
///   without a trailing one
/// @param slots attempts at a time if the owner says so
/// @param name what the owner calls it, if anything
public record EngineAddress(
    boolean secure,
    String host,
    int port,
    String basePath,
    OptionalInt slots,
    Optional<String> name) {
  /// The most attempts at a time an owner may claim for one engine.
  public static final int MAX_SLOTS = FleetLimits.MAX_SLOTS;

  private static final int MAX_TEXT_CHARS = 2_048;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int MAX_PORT = 65_535;

  /// An engine at a port of this machine.
  public static EngineAddress loopback(int port) {
    return new EngineAddress(false, "127.0.0.1", port, "", OptionalInt.empty(), Optional.empty());
  }

  /// Reads `URL[,slots=N][,name=X]`. A path of `/v1` or `/` is dropped: people copy it from
  /// clients' settings, and paths are the dialects' business.
  ///
  /// @throws MeshException `INVALID_REQUEST`, saying which part is wrong
  public static EngineAddress parse(String text) {
    if (text.length() > MAX_TEXT_CHARS) {
      throw wrong("backend", text.length() + " characters", "at most " + MAX_TEXT_CHARS);
    }
    String[] parts = text.split(",", -1);
    OptionalInt slots = OptionalInt.empty();
    Optional<String> name = Optional.empty();
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i].strip();
      if (part.startsWith("slots=")) {
        slots = OptionalInt.of(slots(part.substring("slots=".length())));
      } else if (part.startsWith("name=") && part.length() > "name=".length()) {
        name = Optional.of(part.substring("name=".length()));
      } else {
        throw wrong("backend", part, "URL[,slots=N][,name=X]");
      }
    }
    return at(parts[0].strip(), slots, name);
  }

  private static EngineAddress at(String url, OptionalInt slots, Optional<String> name) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException _) {
      throw wrong("url", url, "http://HOST:PORT");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw wrong("url", url, "http://HOST:PORT or https://HOST:PORT");
    }
    // Not echoed: it may hold a password.
    if (uri.getRawUserInfo() != null) {
      throw MeshException.invalid("url: with user info (expected: none)");
    }
    if (uri.getHost() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw wrong("url", url, scheme + "://HOST:PORT");
    }
    boolean secure = scheme.equals("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
    if (port < 1 || port > MAX_PORT) {
      throw wrong("port", Integer.toString(port), "1 to " + MAX_PORT);
    }
    String named = uri.getHost().toLowerCase(Locale.ROOT);
    String host = named.startsWith("[") ? named.substring(1, named.length() - 1) : named;
    Outbound.ENGINE
        .objectionTo(host)
        .ifPresent(why -> {
          throw wrong("host", named + " is " + why, "the address of an engine");
        });
    return new EngineAddress(secure, host, port, basePath(uri.getRawPath()), slots, name);
  }

  private static String basePath(String rawPath) {
    String path = rawPath;
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return path.endsWith("/v1") ? path.substring(0, path.length() - "/v1".length()) : path;
  }

  private static int slots(String text) {
    try {
      int slots = Integer.parseInt(text);
      if (slots >= 1 && slots <= MAX_SLOTS) {
        return slots;
      }
    } catch (NumberFormatException _) {
      // Told below, like a number out of range.
    }
    throw wrong("slots", text, "1 to " + MAX_SLOTS);
  }

  private static MeshException wrong(String what, String value, String expected) {
    return MeshException.invalid(what + ": " + value + " (expected: " + expected + ")");
  }

  /// Host and port as a `host` header has them.
  public String authority() {
    String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (secure ? HTTPS_PORT : HTTP_PORT) ? shown : shown + ":" + port;
  }

  /// The URL, always without a trailing slash; what the owner says beside it is left out.
  public String url() {
    return (secure ? "https://" : "http://") + authority() + basePath;
  }

  @Override
  public String toString() {
    return url();
  }
}
