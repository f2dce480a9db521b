package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// Reads Ollama's answers to chats and generations, lines of JSON. An answer in one object is a
/// stream of one line.
final class OllamaReader implements AnswerReader {
  private final LineCutter lines = new LineCutter();
  private final ToolCalls toolCalls = new ToolCalls();
  private boolean finished;
  private boolean ownError;

  /// One line, gathered before anything of it becomes a delta: its fields come in any order.
  private static final class Line {
    String reasoning = "";
    String content = "";
    final List<Delta.ToolCall> calls = new ArrayList<>();
    List<JsonNode> logprobs = List.of();
    boolean done;
    String reason = "";
    int promptTokens;
    int outputTokens;
    long loadNanos;
    long promptNanos;
    long outputNanos;
  }

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    lines.feed(bytes, (buffer, offset, length) -> line(buffer, offset, length, out));
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    try {
      lines.end((buffer, offset, length) -> line(buffer, offset, length, out));
    } catch (MeshException e) {
      // The last line is half a record: the stream was cut. An engine's own error stands.
      return Optional.of(ownError ? e.failure() : EngineErrors.brokenStream());
    }
    return finished ? Optional.empty() : Optional.of(EngineErrors.brokenStream());
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }

  private void line(byte[] bytes, int offset, int length, Consumer<Delta> out) {
    if (isBlank(bytes, offset, length) || finished) {
      return;
    }
    var line = new Line();
    JsonPieces.object(bytes, offset, length, parser -> root(parser, line));
    emit(line, out);
  }

  private static boolean isBlank(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  private void root(JsonParser parser, Line line) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "message" -> message(parser, line);
        case "response" -> line.content = JsonPieces.text(parser);
        case "thinking" -> line.reasoning = JsonPieces.text(parser);
        case "tool_calls" -> toolCalls(parser, line);
        case "logprobs" -> line.logprobs = JsonPieces.trees(parser);
        case "done" -> line.done = JsonPieces.flag(parser);
        case "done_reason" -> line.reason = JsonPieces.text(parser);
        case "prompt_eval_count" -> line.promptTokens = JsonPieces.count(parser);
        case "eval_count" -> line.outputTokens = JsonPieces.count(parser);
        case "load_duration" -> line.loadNanos = JsonPieces.nanos(parser);
        case "prompt_eval_duration" -> line.promptNanos = JsonPieces.nanos(parser);
        case "eval_duration" -> line.outputNanos = JsonPieces.nanos(parser);
        case "error" -> error(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private void error(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    String words = EngineErrors.words(JsonPieces.tree(parser)).orElse("");
    ownError = true;
    throw EngineErrors.inAnswer(words);
  }

  private void message(JsonParser parser, Line line) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "content" -> line.content = JsonPieces.text(parser);
        case "thinking" -> line.reasoning = JsonPieces.text(parser);
        case "tool_calls" -> toolCalls(parser, line);
        default -> parser.skipChildren();
      }
    }
  }

  private void toolCalls(JsonParser parser, Line line) {
    if (!JsonPieces.isArray(parser)) {
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!JsonPieces.isObject(parser)) {
        continue;
      }
      String id = "";
      String tool = "";
      String arguments = "{}";
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        if (name.equals("id")) {
          id = JsonPieces.text(parser);
        } else if (name.equals("function") && JsonPieces.isObject(parser)) {
          for (String of = parser.nextName(); of != null; of = parser.nextName()) {
            parser.nextToken();
            switch (of) {
              case "name" -> tool = JsonPieces.text(parser);
              case "arguments" -> arguments = arguments(parser);
              default -> parser.skipChildren();
            }
          }
        } else {
          parser.skipChildren();
        }
      }
      line.calls.add(toolCalls.whole(id, tool, arguments));
    }
  }

  private static String arguments(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    return JsonPieces.isObject(parser) ? Json.text(JsonPieces.tree(parser)) : "{}";
  }

  private void emit(Line line, Consumer<Delta> out) {
    if (!line.reasoning.isEmpty()) {
      out.accept(new Delta.Reasoning(line.reasoning));
    }
    if (!line.content.isEmpty()) {
      out.accept(new Delta.Content(line.content));
    }
    line.calls.forEach(out);
    if (!line.logprobs.isEmpty()) {
      out.accept(new Delta.Logprobs(line.logprobs));
    }
    if (line.done) {
      finished = true;
      out.accept(new Delta.Finish(reason(line.reason)));
      out.accept(
          new Delta.Usage(
              line.promptTokens,
              0,
              line.outputTokens,
              line.loadNanos,
              line.promptNanos,
              line.outputNanos));
    }
  }

  private Delta.Reason reason(String reason) {
    return switch (reason) {
      case "length" -> Delta.Reason.LENGTH;
      case "content_filter" -> Delta.Reason.CONTENT_FILTER;
      default -> toolCalls.any() ? Delta.Reason.TOOL_CALLS : Delta.Reason.STOP;
    };
  }
}
