package dev.tutti.paced;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Whose manners an error has.
enum Dialect {
  /// The error is a string.
  OLLAMA,
  /// The error is an object with a type.
  OPENAI,
  /// The error is an object with a type inside an object with a type.
  ANTHROPIC;

  /// The dialect a path belongs to.
  static Dialect of(String path) {
    if (path.startsWith("/v1/messages")) {
      return ANTHROPIC;
    }
    boolean lmStudio = path.startsWith("/api/v0/") || path.startsWith("/api/v1/");
    return path.startsWith("/api/") && !lmStudio ? OLLAMA : OPENAI;
  }

  /// An error's body.
  ObjectNode error(int status, String message) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    switch (this) {
      case OLLAMA -> body.put("error", message);
      case OPENAI ->
          body.putObject("error")
              .put("message", message)
              .put("type", type(status))
              .putNull("param")
              .put("code", status);
      case ANTHROPIC ->
          body.put("type", "error")
              .putObject("error")
              .put("type", type(status))
              .put("message", message);
    }
    return body;
  }

  /// An error as a record of a stream.
  String errorRecord(String message) {
    String json = error(500, message).toString();
    return switch (this) {
      case OLLAMA -> json + "\n";
      case OPENAI -> "data: " + json + "\n\n";
      case ANTHROPIC -> "event: error\ndata: " + json + "\n\n";
    };
  }

  private String type(int status) {
    boolean anthropic = this == ANTHROPIC;
    return switch (status) {
      case 400 -> "invalid_request_error";
      case 401 -> "authentication_error";
      case 404 -> "not_found_error";
      case 429 -> anthropic ? "rate_limit_error" : "rate_limit_exceeded";
      case 501 -> "not_supported_error";
      case 503 -> anthropic ? "overloaded_error" : "unavailable_error";
      default -> anthropic ? "api_error" : "server_error";
    };
  }
}
