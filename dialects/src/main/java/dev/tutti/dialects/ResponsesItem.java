package dev.tutti.dialects;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One item of a response's output, while it grows: what was thought, said, or called.
final class ResponsesItem {
  final Kind kind;
  final String id;

  /// Its place in the output, from 0.
  final int place;

  /// Words, or a call's arguments as they come.
  final StringBuilder text = new StringBuilder();

  final List<JsonNode> logprobs = new ArrayList<>();

  /// For calls only.
  private final String callId;

  private final ResponsesTools.Called called;
  private String status = "in_progress";

  enum Kind {
    /// Reasoning in its own words.
    REASONING("rs_", "content_index"),
    /// Reasoning where the client asked for a summary: told in the summary's place, uncut.
    SUMMARY("rs_", "summary_index"),
    MESSAGE("msg_", "content_index"),
    CALL("fc_", ""),
    /// A call whose input is plain text.
    CUSTOM_CALL("ctc_", "");

    private final String idPrefix;

    /// How its events call the place of their part, empty where there are no parts.
    final String partIndex;

    Kind(String idPrefix, String partIndex) {
      this.idPrefix = idPrefix;
      this.partIndex = partIndex;
    }
  }

  private ResponsesItem(
      Kind kind, String answerId, int place, String callId, ResponsesTools.Called called) {
    this.kind = kind;
    this.id = kind.idPrefix + answerId + "_" + place;
    this.place = place;
    this.callId = callId;
    this.called = called;
  }

  /// Words of one of the first three kinds.
  static ResponsesItem words(Kind kind, String answerId, int place) {
    return new ResponsesItem(kind, answerId, place, "", new ResponsesTools.Called("", "", false));
  }

  /// A call.
  static ResponsesItem call(
      String answerId, int place, String callId, ResponsesTools.Called called) {
    Kind kind = called.custom() ? Kind.CUSTOM_CALL : Kind.CALL;
    return new ResponsesItem(kind, answerId, place, callId, called);
  }

  /// Whether more may come.
  boolean isOpen() {
    return status.equals("in_progress");
  }

  /// Nothing more will come.
  ///
  /// @param whole whether that is because it is complete
  void close(boolean whole) {
    status = whole ? "completed" : "incomplete";
  }

  String name() {
    return called.name();
  }

  /// A call's arguments: an object, even where the engine said nothing.
  String arguments() {
    return text.toString().isBlank() ? "{}" : text.toString();
  }

  /// A custom call's input. What a model wrote that is not what it was told to write is handed on
  /// as it is: the tool itself will say what is wrong with it.
  String input() {
    JsonNode input = ToolArguments.object(text.toString()).path(ResponsesTools.INPUT);
    return input.isString() ? input.stringValue() : text.toString();
  }

  /// The part of its content as it is so far.
  ObjectNode part() {
    return switch (kind) {
      case REASONING -> Json.object().put("type", "reasoning_text").put("text", text.toString());
      case SUMMARY -> Json.object().put("type", "summary_text").put("text", text.toString());
      case MESSAGE -> {
        ObjectNode part = Json.object().put("type", "output_text").put("text", text.toString());
        part.putArray("annotations");
        part.putArray("logprobs").addAll(logprobs);
        yield part;
      }
      case CALL, CUSTOM_CALL -> throw new IllegalStateException("a call has no parts");
    };
  }

  /// The item as an answer shows it: its content only once it is closed.
  ObjectNode node() {
    ObjectNode node = Json.object().put("id", id);
    switch (kind) {
      case REASONING -> {
        node.put("type", "reasoning").putArray("summary");
        content(node.putArray("content"));
        node.put("status", status);
      }
      case SUMMARY -> {
        content(node.put("type", "reasoning").putArray("summary"));
        node.put("status", status);
      }
      case MESSAGE -> {
        node.put("type", "message").put("status", status).put("role", "assistant");
        content(node.putArray("content"));
      }
      case CALL -> {
        node.put("type", "function_call").put("status", status).put("call_id", callId);
        named(node).put("arguments", isOpen() ? "" : arguments());
      }
      case CUSTOM_CALL -> {
        node.put("type", "custom_tool_call").put("call_id", callId);
        named(node).put("input", isOpen() ? "" : input());
      }
    }
    return node;
  }

  private void content(ArrayNode to) {
    if (!isOpen()) {
      to.add(part());
    }
  }

  private ObjectNode named(ObjectNode node) {
    if (!called.namespace().isEmpty()) {
      node.put("namespace", called.namespace());
    }
    return node.put("name", called.name());
  }
}
