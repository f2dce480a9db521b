package dev.tutti.dialects;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// Turns the records of one OpenAI answer into deltas: chunks, whole objects, and llama-server's
/// own completion records. One choice only, the first.
final class OpenAiRecords {
  private final ToolCalls toolCalls = new ToolCalls();
  private final OpenAiUsage usage = new OpenAiUsage();
  private boolean finished;
  private boolean anything;
  private boolean ownError;

  /// One record, gathered before anything of it becomes a delta: its fields come in any order.
  private static final class Piece {
    int index;
    String reasoning = "";
    String content = "";
    String finish = "";
    String stopText = "";
    final List<Delta.ToolCall> calls = new ArrayList<>();
    List<JsonNode> logprobs = List.of();
  }

  /// Whether the engine said that the answer is complete.
  boolean finished() {
    return finished;
  }

  /// Whether there was any record with a choice.
  boolean anything() {
    return anything;
  }

  /// Whether the engine sent an error record of its own.
  boolean ownError() {
    return ownError;
  }

  /// What it cost so far, as far as the engine said.
  Optional<Delta.Usage> soFar() {
    return usage.delta();
  }

  void read(byte[] bytes, int length, Consumer<Delta> out) {
    JsonPieces.object(bytes, 0, length, parser -> root(parser, out));
  }

  /// The end of the answer: what is only known now.
  void end(Consumer<Delta> out) {
    if (!finished) {
      finish("stop", "", out); // `[DONE]` is the engine's word too
    }
    usage.delta().ifPresent(out);
  }

  private void root(JsonParser parser, Consumer<Delta> out) {
    var pieces = new ArrayList<Piece>(1);
    var bare = new Piece();
    boolean stopped = false;
    String object = "";
    String message = "";
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "choices" -> choices(parser, pieces);
        case "error" -> error(parser);
        case "usage" -> usage.readUsage(parser);
        case "timings" -> usage.readTimings(parser);
        case "object" -> object = JsonPieces.text(parser);
        case "message" -> message = plain(parser);
        case "content" -> bare.content = plain(parser);
        case "stop" -> stopped = parser.currentToken() == JsonToken.VALUE_TRUE;
        case "stop_type" -> bare.finish = plain(parser);
        default -> parser.skipChildren();
      }
    }
    if (object.equals("error")) {
      ownError = true;
      throw EngineErrors.inAnswer(message);
    }
    if (object.isEmpty() && (stopped || !bare.content.isEmpty())) {
      bare.finish = !stopped ? "" : bare.finish.equals("limit") ? "length" : "stop";
      pieces.add(bare);
    }
    for (Piece piece : pieces) {
      if (piece.index == 0) {
        emit(piece, out);
      }
    }
  }

  /// A text in a place where other engines have other things of the same name.
  private static String plain(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return "";
  }

  private void error(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    String words = EngineErrors.words(JsonPieces.tree(parser)).orElse("");
    ownError = true;
    throw EngineErrors.inAnswer(words);
  }

  private void choices(JsonParser parser, List<Piece> pieces) {
    if (JsonPieces.isArray(parser)) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (JsonPieces.isObject(parser)) {
          pieces.add(choice(parser));
        }
      }
    }
  }

  private Piece choice(JsonParser parser) {
    var piece = new Piece();
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "index" -> piece.index = JsonPieces.count(parser);
        case "delta", "message" -> message(parser, piece);
        case "text" -> piece.content = JsonPieces.text(parser);
        case "finish_reason" -> piece.finish = JsonPieces.text(parser);
        case "stop_reason" -> piece.stopText = plain(parser); // vLLM's; a token's number at times
        case "logprobs" -> piece.logprobs = OpenAiLogprobs.read(parser);
        default -> parser.skipChildren();
      }
    }
    return piece;
  }

  private void message(JsonParser parser, Piece piece) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "content" -> piece.content = JsonPieces.text(parser);
        case "refusal" -> piece.content += JsonPieces.text(parser);
        case "reasoning_content", "reasoning", "thinking" -> {
          // Some engines send the same words under two names.
          String words = JsonPieces.text(parser);
          piece.reasoning = words.isEmpty() ? piece.reasoning : words;
        }
        case "tool_calls" -> {
          if (JsonPieces.isArray(parser)) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              toolCall(parser, piece);
            }
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  private void toolCall(JsonParser parser, Piece piece) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    int index = -1;
    String id = "";
    String tool = "";
    String arguments = "";
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "index" -> index = JsonPieces.count(parser);
        case "id" -> id = JsonPieces.text(parser);
        case "function" -> {
          if (JsonPieces.isObject(parser)) {
            for (String of = parser.nextName(); of != null; of = parser.nextName()) {
              parser.nextToken();
              switch (of) {
                case "name" -> tool = JsonPieces.text(parser);
                case "arguments" -> arguments = arguments(parser);
                default -> parser.skipChildren();
              }
            }
          }
        }
        default -> parser.skipChildren();
      }
    }
    piece.calls.add(toolCalls.part(index, id, tool, arguments));
  }

  /// Some engines send an object where the dialect has its text.
  private static String arguments(JsonParser parser) {
    return parser.currentToken() == JsonToken.START_OBJECT
        ? Json.text(JsonPieces.tree(parser))
        : JsonPieces.text(parser);
  }

  private void emit(Piece piece, Consumer<Delta> out) {
    anything = true;
    if (finished) {
      return;
    }
    if (!piece.reasoning.isEmpty()) {
      out.accept(new Delta.Reasoning(piece.reasoning));
    }
    if (!piece.content.isEmpty()) {
      out.accept(new Delta.Content(piece.content));
    }
    piece.calls.forEach(out);
    if (!piece.logprobs.isEmpty()) {
      out.accept(new Delta.Logprobs(piece.logprobs));
    }
    if (!piece.finish.isEmpty()) {
      finish(piece.finish, piece.stopText, out);
    }
  }

  private void finish(String reason, String stopText, Consumer<Delta> out) {
    if (reason.equals("error") || reason.equals("abort")) {
      ownError = true;
      throw EngineErrors.inAnswer("generation ended with " + reason);
    }
    finished = true;
    out.accept(
        new Delta.Finish(
            switch (reason) {
              case "length", "max_tokens" -> Delta.Reason.LENGTH;
              case "content_filter" -> Delta.Reason.CONTENT_FILTER;
              case "tool_calls", "function_call" -> Delta.Reason.TOOL_CALLS;
              default -> toolCalls.any() ? Delta.Reason.TOOL_CALLS : Delta.Reason.STOP;
            },
            stopText));
  }
}
