package dev.tutti.dialects;

import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The numbered events of a response's stream. Gathers frames until they are taken; does nothing
/// where nobody wants a stream.
final class ResponsesEvents {
  private static final byte[] NOTHING = {};

  private final boolean wanted;
  private Utf8Buffer out = new Utf8Buffer();
  private int sequence;

  ResponsesEvents(boolean wanted) {
    this.wanted = wanted;
  }

  /// The frames since the last time.
  byte[] take() {
    if (out.size() == 0) {
      return NOTHING;
    }
    byte[] bytes = out.toBytes();
    out.clear();
    return bytes;
  }

  void restart() {
    out.clear();
    sequence = 0;
  }

  /// Any event.
  ///
  /// @param fields adds what it says
  void event(String type, Consumer<ObjectNode> fields) {
    if (!wanted) {
      return;
    }
    ObjectNode event = Json.object().put("type", type).put("sequence_number", sequence++);
    fields.accept(event);
    out.raw("event: " + type + "\ndata: ").raw(Json.bytes(event)).raw("\n\n");
  }

  /// An item, as it is now.
  void item(String type, ResponsesItem item) {
    event(type, event -> event.put("output_index", item.place).set("item", item.node()));
  }

  /// The part of an item's content, as it is now.
  void part(String type, ResponsesItem item) {
    event(
        type,
        event ->
            event
                .put("item_id", item.id)
                .put("output_index", item.place)
                .put(item.kind.partIndex, 0)
                .set("part", item.part()));
  }

  /// Text of an item: the only event there are many of, so it is written without a tree.
  ///
  /// @param name what the text is called in this event
  void text(String type, ResponsesItem item, String name, String text) {
    if (wanted) {
      out.raw(begin(type, item, name).json(text).raw("}\n\n").toBytes());
    }
  }

  /// Text of a message, with its log probabilities.
  void text(String type, ResponsesItem item, String name, String text, List<JsonNode> logprobs) {
    if (!wanted) {
      return;
    }
    Utf8Buffer frame = begin(type, item, name).json(text).raw(",\"logprobs\":");
    if (logprobs.isEmpty()) {
      frame.raw("[]");
    } else {
      frame.raw(Json.bytes(Json.object().putArray("logprobs").addAll(logprobs)));
    }
    out.raw(frame.raw("}\n\n").toBytes());
  }

  /// The arguments of a call, whole.
  void argumentsDone(ResponsesItem item) {
    event(
        "response.function_call_arguments.done",
        event ->
            event
                .put("item_id", item.id)
                .put("output_index", item.place)
                .put("name", item.name())
                .put("arguments", item.arguments()));
  }

  private Utf8Buffer begin(String type, ResponsesItem item, String name) {
    String part = item.kind.partIndex;
    return new Utf8Buffer()
        .raw("event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":")
        .raw(sequence++ + ",\"item_id\":")
        .json(item.id)
        .raw(",\"output_index\":" + item.place)
        .raw(part.isEmpty() ? "" : ",\"" + part + "\":0")
        .raw(",\"" + name + "\":");
  }
}
