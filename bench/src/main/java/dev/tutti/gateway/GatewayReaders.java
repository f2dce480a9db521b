package dev.tutti.gateway;

import dev.tutti.access.Principal;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Task;
import dev.tutti.wire.mesh.SubmitRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// What the edge for clients reads beside bodies in a dialect.
public final class GatewayReaders {
  private GatewayReaders() {}

  /// A body that came compressed.
  ///
  /// @param bytes empty when it was refused
  /// @param heldBytes what is taken of the budget afterwards
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Body(Optional<byte[]> bytes, long heldBytes) {}

  /// The encodings' names.
  public static Set<String> encodings() {
    return Set.of("gzip", "deflate", "zstd");
  }

  /// Decodes a body.
  public static Body body(String encoding, byte[] encoded, int maxBytes) {
    var budget = new BodyBudget(Long.MAX_VALUE);
    BodyDecoder.Decoded decoded =
        BodyDecoder.decoded(
            BodyEncoding.of(encoding).orElseThrow(), encoded.clone(), maxBytes, budget);
    return switch (decoded) {
      case BodyDecoder.Decoded.Whole(var bytes) -> new Body(Optional.of(bytes), budget.heldBytes());
      case BodyDecoder.Decoded.Refused _ -> new Body(Optional.empty(), budget.heldBytes());
    };
  }

  /// A field of a query.
  public static Optional<String> field(String query, String name) {
    return Escapes.field("query", query, name);
  }

  /// A path's parameter.
  public static String path(String text) {
    return Escapes.decode("path", text);
  }

  /// Whether pages of that origin may read answers.
  public static boolean allows(String origin, String host) {
    return new Cors(Set.of()).allows(origin, host, true);
  }

  /// Whether a request under that name is answered.
  public static boolean isOurs(String host) {
    return BrowserGuard.isOurs(host, Set.of());
  }

  /// The headers that a page is told it may send.
  public static Optional<String> allowedHeaders(String asked) {
    return Cors.allowedHeaders(asked);
  }

  /// Everything that commands ask a body for.
  public static void command(byte[] body) {
    SmallJson json = SmallJson.read(body);
    json.optionalText("name");
    json.optionalInt("slots", 1, 1_000);
    json.optionalNumber("budget");
    json.texts("scopes", 8);
    json.flag("local");
    json.object("rights").optionalText("tier");
  }

  /// A client's submission over gRPC.
  public static Task<Work> task(SubmitRequest request) {
    return GrpcRequests.task(
        new TaskId("t-00000000000000000000"), Principal.OWNER, request, Duration.ofSeconds(30));
  }
}
