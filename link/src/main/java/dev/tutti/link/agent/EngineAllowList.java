package dev.tutti.link.agent;

import dev.tutti.link.LinkLimits;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What a hub may ask an engine through the tunnel: inference and reading, to the letter.
///
/// What pulls, pushes, creates, copies or deletes is on the list only for a request of which the
/// hub says that an administrator asked for it. A path is compared as it stands: no decoding, no
/// dots, no second slash can make another path look like an allowed one.
public final class EngineAllowList {
  private static final Set<String> READING =
      Set.of(
          "/api/tags",
          "/api/ps",
          "/api/version",
          "/v1/models",
          "/health",
          "/props",
          "/slots",
          "/version",
          "/metrics");

  private static final Set<String> ASKING =
      Set.of(
          "/api/chat",
          "/api/generate",
          "/api/embed",
          "/api/embeddings",
          "/api/show",
          "/v1/chat/completions",
          "/v1/completions",
          "/v1/embeddings",
          "/v1/messages",
          "/v1/messages/count_tokens",
          "/v1/responses",
          "/v1/rerank",
          "/v1/audio/transcriptions",
          "/completion",
          "/embedding",
          "/infill",
          "/rerank",
          "/tokenize",
          "/detokenize",
          "/apply-template");

  private static final Set<String> MANAGING =
      Set.of("/api/create", "/api/pull", "/api/push", "/api/copy");

  private static final Pattern BLOB = Pattern.compile("/api/blobs/sha256:[0-9a-f]{64}");

  private static final Set<String> HEADERS =
      Set.of(
          "accept",
          "anthropic-beta",
          "anthropic-version",
          "authorization",
          "content-type",
          "traceparent",
          "user-agent",
          "x-api-key",
          "x-request-id");

  private static final String OUR_HEADERS = "x-tutti-";

  /// A query that can only choose: short, and without anything that needs escaping.
  private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9_.=&-]{1,256}");

  private EngineAllowList() {}

  /// Whether a hub may ask this.
  ///
  /// @param target path with its query, if any
  public static boolean allows(String method, String target) {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    if (mark >= 0 && !QUERY.matcher(target.substring(mark + 1)).matches()) {
      return false;
    }
    return switch (method) {
      case "GET" -> READING.contains(path);
      case "POST" -> ASKING.contains(path);
      default -> false;
    };
  }

  /// Whether a hub may ask this for an administrator, beside what it may ask anyway.
  ///
  /// @param target path with its query, if any
  /// @param headers as {@link #headers} gives them
  public static boolean allows(String method, String target, Map<String, String> headers) {
    return allows(method, target)
        || ("true".equals(headers.get(LinkLimits.ADMINISTRATOR_HEADER)) && manages(method, target));
  }

  private static boolean manages(String method, String path) {
    return switch (method) {
      case "POST" -> MANAGING.contains(path) || BLOB.matcher(path).matches();
      case "DELETE" -> path.equals("/api/delete");
      case "HEAD" -> BLOB.matcher(path).matches();
      default -> false;
    };
  }

  /// The headers that go on to the engine, with lower-case names; empty when one of them cannot be
  /// a header or there are too many.
  public static Optional<Map<String, String>> headers(Map<String, String> asked) {
    if (asked.size() > LinkLimits.MAX_HEADERS) {
      return Optional.empty();
    }
    var passed = new HashMap<String, String>();
    for (Map.Entry<String, String> header : asked.entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      String value = header.getValue();
      if (HEADERS.contains(name) || isOurs(name)) {
        if (value.length() > LinkLimits.MAX_HEADER_CHARS
            || value.chars().anyMatch(c -> Character.isISOControl(c) || c > 0xff)) {
          return Optional.empty();
        }
        passed.put(name, value);
      }
    }
    return Optional.of(passed);
  }

  private static boolean isOurs(String name) {
    return name.startsWith(OUR_HEADERS)
        && name.chars().allMatch(c -> c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
  }
}
