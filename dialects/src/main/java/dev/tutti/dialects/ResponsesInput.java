package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the input of a `/v1/responses` request: one text, or items of a conversation.
///
/// What an assistant thought, said and called comes in separate items and becomes one message, as
/// models know it. System and developer messages at the beginning become one: many models'
/// templates take only one.
final class ResponsesInput {
  private static final String EXPECTED =
      "message, reasoning, function_call, function_call_output, custom_tool_call or"
          + " custom_tool_call_output";

  private final List<Message> messages = new ArrayList<>();
  private final List<JsonNode> tools = new ArrayList<>();

  /// The assistant's turn so far.
  private final List<Part> said = new ArrayList<>();

  private final List<Message.ToolCall> calls = new ArrayList<>();
  private String thought = "";

  private ResponsesInput() {}

  /// What was read.
  ///
  /// @param tools tools that items of the input brought along, in the request's own shape
  record Conversation(List<Message> messages, List<JsonNode> tools) {}

  /// Reads an input.
  ///
  /// @param instructions the system message, when given
  static Conversation read(JsonNode input, Optional<String> instructions) {
    var reader = new ResponsesInput();
    instructions
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> reader.add(Role.SYSTEM, List.of(new Part.Text(text))));
    if (input.isString()) {
      reader.add(Role.USER, List.of(new Part.Text(input.stringValue())));
    } else if (input.isArray()) {
      int place = 0;
      for (JsonNode item : input) {
        reader.item(Fields.of(item, "input[" + place + "]"));
        place++;
      }
      reader.endTurn();
    } else {
      throw Fields.wrong("input", input, "a string or an array of items");
    }
    if (reader.messages.isEmpty()) {
      throw MeshException.invalid("input: empty (expected: at least one item)");
    }
    return new Conversation(reader.messages, reader.tools);
  }

  private void item(Fields item) {
    String type = item.text("type").orElse(item.any("role").isPresent() ? "message" : "");
    switch (type) {
      case "message" -> message(item);
      case "reasoning" -> reasoning(item);
      case "function_call" -> {
        String arguments = item.text("arguments").filter(text -> !text.isBlank()).orElse("{}");
        calls.add(new Message.ToolCall(callId(item), name(item), arguments));
      }
      case "custom_tool_call" -> {
        String arguments =
            Json.text(Json.object().put(ResponsesTools.INPUT, item.requiredText("input")));
        calls.add(new Message.ToolCall(callId(item), name(item), arguments));
      }
      case "function_call_output", "custom_tool_call_output" -> output(item);
      case "additional_tools" ->
          tools.addAll(Fields.array(item.required("tools", "an array"), item.at("tools")));
      case "item_reference" ->
          throw Fields.unsupported(
              item.at("type") + ": item_reference, nothing is stored (expected: the item itself)");
      case "" -> throw item.missing("type", EXPECTED);
      default ->
          throw Fields.unsupported(
              item.at("type") + ": this kind of item is not offered (expected: " + EXPECTED + ")");
    }
  }

  private static String callId(Fields item) {
    return item.requiredText("call_id");
  }

  private static String name(Fields item) {
    return ResponsesTools.toldName(item.text("namespace").orElse(""), item.requiredText("name"));
  }

  private void message(Fields item) {
    Role role = OpenAiMessages.role(item);
    List<Part> parts =
        parts(item.required("content", "a string or an array of parts"), item.at("content"));
    if (role == Role.ASSISTANT) {
      said.addAll(parts);
    } else {
      endTurn();
      add(role, parts);
    }
  }

  private void add(Role role, List<Part> parts) {
    boolean system = role == Role.SYSTEM || role == Role.DEVELOPER;
    boolean second = messages.size() == 1 && messages.getFirst().role() == Role.SYSTEM;
    if (system && second && parts.stream().allMatch(part -> part instanceof Part.Text)) {
      String both = messages.getFirst().text() + "\n\n" + text(role, parts);
      messages.set(0, plain(Role.SYSTEM, List.of(new Part.Text(both))));
    } else {
      messages.add(plain(system && messages.isEmpty() ? Role.SYSTEM : role, parts));
    }
  }

  private static String text(Role role, List<Part> parts) {
    return plain(role, parts).text();
  }

  private static Message plain(Role role, List<Part> parts) {
    return new Message(
        role, parts, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  /// The reasoning's own words, or its summary where only that came back.
  private void reasoning(Fields item) {
    if (!said.isEmpty() || !calls.isEmpty()) {
      endTurn();
    }
    String words = words(item, "content");
    thought += words.isEmpty() ? words(item, "summary") : words;
  }

  private static String words(Fields item, String name) {
    var words = new StringBuilder();
    List<JsonNode> parts = item.array(name);
    for (int i = 0; i < parts.size(); i++) {
      words.append(Fields.of(parts.get(i), item.at(name) + "[" + i + "]").text("text").orElse(""));
    }
    return words.toString();
  }

  private void output(Fields item) {
    endTurn();
    JsonNode output = item.required("output", "a string or an array of parts");
    messages.add(
        new Message(
            Role.TOOL,
            parts(output, item.at("output")),
            Optional.empty(),
            List.of(),
            Optional.of(callId(item)),
            Optional.empty()));
  }

  private void endTurn() {
    if (said.isEmpty() && calls.isEmpty()) {
      thought = "";
      return;
    }
    messages.add(
        new Message(
            Role.ASSISTANT,
            said,
            Optional.of(thought).filter(text -> !text.isEmpty()),
            calls,
            Optional.empty(),
            Optional.empty()));
    said.clear();
    calls.clear();
    thought = "";
  }

  private static List<Part> parts(JsonNode content, String at) {
    if (content.isString()) {
      return List.of(new Part.Text(content.stringValue()));
    }
    if (!content.isArray()) {
      throw Fields.wrong(at, content, "a string or an array of parts");
    }
    var parts = new ArrayList<Part>(content.size());
    for (JsonNode node : content) {
      parts.add(part(Fields.of(node, at + "[" + parts.size() + "]")));
    }
    return parts;
  }

  private static Part part(Fields fields) {
    String type = fields.requiredText("type");
    return switch (type) {
      case "input_text", "output_text", "text" -> new Part.Text(fields.requiredText("text"));
      case "refusal" -> new Part.Text(fields.requiredText("refusal"));
      case "input_image" ->
          OpenAiMessages.image(
              fields
                  .text("image_url")
                  .orElseThrow(() ->
                      Fields.unsupported(
                          fields.at("image_url")
                              + ": missing, files are not kept (expected: an address or a data:"
                              + " URL)")),
              fields.at("image_url"));
      case "input_file", "input_audio" ->
          throw Fields.unsupported(
              fields.at("type") + ": " + type + " (expected: input_text or input_image)");
      default ->
          throw MeshException.invalid(
              fields.at("type") + ": unknown (expected: input_text, input_image or output_text)");
    };
  }
}
