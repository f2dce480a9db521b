package dev.tutti.dialects;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/// Turns the events of one Anthropic stream into deltas. Events, blocks and deltas of kinds nobody
/// here knows are skipped, as the dialect asks of its readers.
final class AnthropicRecords {
  private final ToolCalls toolCalls = new ToolCalls();

  /// The tool blocks begun so far, by their index: what stands in their first event as input. Some
  /// servers send it there and never in pieces.
  private final Map<Integer, ToolBlock> tools = new HashMap<>();

  private String stopReason = "";
  private String stopSequence = "";
  private boolean finished;
  private boolean ownError;
  private boolean counted;
  private int inputTokens;
  private int writtenToCache;
  private int readFromCache;
  private int outputTokens;

  private static final class ToolBlock {
    String id = "";
    String input = "";
  }

  /// One event, gathered before anything of it becomes a delta: its fields come in any order.
  private static final class Event {
    String type = "";
    int index;
    String kind = "";
    String text = "";
    String thinking = "";
    String signature = "";
    String partialJson = "";
    String id = "";
    String name = "";
    String input = "";
    String errorWords = "";
  }

  /// Whether the engine said that the answer is complete.
  boolean finished() {
    return finished;
  }

  /// Whether the engine sent an error record of its own.
  boolean ownError() {
    return ownError;
  }

  /// @param named the type beside the data, which counts where the data has none
  void read(String named, byte[] bytes, int length, Consumer<Delta> out) {
    var event = new Event();
    event.type = named;
    JsonPieces.object(bytes, 0, length, parser -> root(parser, event));
    switch (event.type) {
      case "content_block_start" -> begin(event, out);
      case "content_block_delta" -> piece(event, out);
      case "content_block_stop" -> endBlock(event, out);
      case "message_stop" -> finish(out);
      case "error" -> {
        ownError = true;
        throw EngineErrors.inAnswer(event.errorWords);
      }
      default -> {
        // `message_start`, `message_delta` and `ping` are read by now; others are unknown
      }
    }
  }

  private void root(JsonParser parser, Event event) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "type" -> event.type = JsonPieces.text(parser);
        case "index" -> event.index = JsonPieces.count(parser);
        case "message" -> message(parser);
        case "usage" -> usage(parser);
        case "content_block", "delta" -> block(parser, event);
        case "error" -> event.errorWords = EngineErrors.words(JsonPieces.tree(parser)).orElse("");
        default -> parser.skipChildren();
      }
    }
  }

  private void message(JsonParser parser) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      if (name.equals("usage")) {
        usage(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  /// The numbers of `message_start` stand until `message_delta` has others; those of a field that
  /// is left out stay.
  private void usage(JsonParser parser) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    counted = true;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "input_tokens" -> inputTokens = JsonPieces.count(parser);
        case "cache_creation_input_tokens" -> writtenToCache = JsonPieces.count(parser);
        case "cache_read_input_tokens" -> readFromCache = JsonPieces.count(parser);
        case "output_tokens" -> outputTokens = JsonPieces.count(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private void block(JsonParser parser, Event event) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "type" -> event.kind = JsonPieces.text(parser);
        case "text" -> event.text = JsonPieces.text(parser);
        case "thinking" -> event.thinking = JsonPieces.text(parser);
        case "signature" -> event.signature = JsonPieces.text(parser);
        case "partial_json" -> event.partialJson = JsonPieces.text(parser);
        case "id" -> event.id = JsonPieces.text(parser);
        case "name" -> event.name = JsonPieces.text(parser);
        case "input" -> {
          JsonNode input = JsonPieces.tree(parser);
          event.input = input.isObject() && !input.isEmpty() ? Json.text(input) : "";
        }
        case "stop_reason" -> stopReason = JsonPieces.text(parser);
        case "stop_sequence" -> stopSequence = JsonPieces.text(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private void begin(Event event, Consumer<Delta> out) {
    switch (event.kind) {
      case "text" -> text(event, out);
      case "thinking" -> thinking(event, out);
      case "tool_use" -> {
        var tool = new ToolBlock();
        tool.id = event.id;
        tool.input = event.input;
        tools.put(event.index, tool);
        out.accept(toolCalls.part(event.index, event.id, event.name, ""));
      }
      default -> {
        // a block of another kind: its deltas find no tool of this index
        tools.remove(event.index);
      }
    }
  }

  private void piece(Event event, Consumer<Delta> out) {
    switch (event.kind) {
      case "text_delta" -> text(event, out);
      case "thinking_delta" -> thinking(event, out);
      case "signature_delta" -> seal(event, out);
      case "input_json_delta" -> {
        ToolBlock tool = tools.get(event.index);
        if (tool != null && !event.partialJson.isEmpty()) {
          tool.input = "";
          out.accept(toolCalls.part(event.index, tool.id, "", event.partialJson));
        }
      }
      default -> {
        // citations, and what comes after them
      }
    }
  }

  private static void text(Event event, Consumer<Delta> out) {
    if (!event.text.isEmpty()) {
      out.accept(new Delta.Content(event.text));
    }
  }

  private static void thinking(Event event, Consumer<Delta> out) {
    if (!event.thinking.isEmpty()) {
      out.accept(new Delta.Reasoning(event.thinking));
    }
    seal(event, out);
  }

  private static void seal(Event event, Consumer<Delta> out) {
    if (!event.signature.isEmpty()) {
      out.accept(new Delta.Seal(event.signature));
    }
  }

  private void endBlock(Event event, Consumer<Delta> out) {
    ToolBlock tool = tools.get(event.index);
    if (tool != null && !tool.input.isEmpty()) {
      out.accept(toolCalls.part(event.index, tool.id, "", tool.input));
      tool.input = "";
    }
  }

  private void finish(Consumer<Delta> out) {
    if (stopReason.isEmpty()) {
      throw EngineErrors.garbage(); // an end without a reason is not this dialect's end
    }
    finished = true;
    out.accept(reason());
    if (counted) {
      int prompt =
          (int) Math.min(Integer.MAX_VALUE, (long) inputTokens + writtenToCache + readFromCache);
      out.accept(new Delta.Usage(prompt, readFromCache, outputTokens, 0, 0, 0));
    }
  }

  private Delta.Finish reason() {
    return switch (stopReason) {
      case "max_tokens", "model_context_window_exceeded" -> new Delta.Finish(Delta.Reason.LENGTH);
      case "tool_use" -> new Delta.Finish(Delta.Reason.TOOL_CALLS);
      case "refusal" -> new Delta.Finish(Delta.Reason.CONTENT_FILTER);
      case "stop_sequence" -> new Delta.Finish(Delta.Reason.STOP, stopSequence);
      default -> new Delta.Finish(toolCalls.any() ? Delta.Reason.TOOL_CALLS : Delta.Reason.STOP);
    };
  }
}
