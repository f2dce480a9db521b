package dev.tutti.gateway;

import dev.tutti.dialects.Dialect;
import java.util.Optional;

/// Whose API a path belongs to: it decides the shape of refusals.
enum Surface {
  /// `/api/…` and the greeting.
  OLLAMA("ollama"),
  /// `/v1/…`.
  OPENAI("openai"),
  /// `/v1/messages…`, and all of `/v1/` for who says `anthropic-version`.
  ANTHROPIC("anthropic"),
  /// Everything of ours.
  MESH("mesh");

  private final String label;

  Surface(String label) {
    this.label = label;
  }

  /// The name in metrics.
  String label() {
    return label;
  }

  /// The dialect whose refusals fit, none for our own.
  Optional<Dialect> dialect() {
    return switch (this) {
      case OLLAMA -> Optional.of(Dialect.OLLAMA);
      case OPENAI -> Optional.of(Dialect.OPENAI);
      case ANTHROPIC -> Optional.of(Dialect.ANTHROPIC);
      case MESH -> Optional.empty();
    };
  }

  /// The surface of a path.
  ///
  /// @param anthropic whether the client sends `anthropic-version`: both APIs have `/v1/models`
  static Surface of(String path, boolean anthropic) {
    if (path.startsWith("/v1/") || path.equals("/v1")) {
      boolean messages = path.equals("/v1/messages") || path.startsWith("/v1/messages/");
      return anthropic || messages ? ANTHROPIC : OPENAI;
    }
    if (path.startsWith("/api/") || path.equals("/api") || path.equals("/")) {
      return OLLAMA;
    }
    return MESH;
  }
}
