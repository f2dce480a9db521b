package dev.tutti.gateway;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import java.util.List;
import java.util.Optional;

/// Paths that the dialects know and the mesh does not offer: they are refused as such, so that
/// nobody looks for a typing error.
final class Unoffered {
  private static final List<String> UNKNOWN_HERE =
      List.of(
          "/v1/messages/batches",
          "/v1/audio",
          "/v1/images",
          "/v1/videos",
          "/v1/moderations",
          "/v1/uploads",
          "/v1/fine_tuning",
          "/v1/assistants",
          "/v1/threads",
          "/v1/vector_stores",
          "/v1/realtime",
          "/v1/conversations");

  private Unoffered() {}

  /// Why the path is refused, if it is one of those.
  static Optional<MeshException> at(String path) {
    if (isUnder(path, "/v1/responses")) {
      return Optional.of(
          refusal(
              "responses are not stored; only POST /v1/responses and"
                  + " /v1/responses/input_tokens are offered"));
    }
    if (UNKNOWN_HERE.stream().anyMatch(each -> isUnder(path, each))) {
      return Optional.of(refusal("the mesh does not offer this endpoint"));
    }
    return Optional.empty();
  }

  private static boolean isUnder(String path, String root) {
    return path.startsWith(root)
        && (path.length() == root.length() || path.charAt(root.length()) == '/');
  }

  private static MeshException refusal(String why) {
    return new MeshException(Refusals.pointless(FailureCode.UNSUPPORTED, why));
  }
}
