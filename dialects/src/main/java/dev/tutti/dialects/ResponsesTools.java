package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// The tools of a `/v1/responses` request, as functions that a model can be told of.
///
/// Functions are told as they are. A `custom` tool, whose input is plain text, becomes a function
/// with one text as its argument; tools in a namespace get its name before theirs. Both are turned
/// back in the answer. Tools that only OpenAI's own servers could run are refused, but for a few
/// that clients offer to every server unasked: these are left out, and the answer says so.
///
/// @param told functions in our own shape
/// @param shown what the answer repeats as its `tools`: the client's own words, without what was
///   left out
/// @param choice `tool_choice` in the shape of a chat's
/// @param leftOut the types of the tools that were left out
record ResponsesTools(
    List<JsonNode> told, List<JsonNode> shown, Optional<JsonNode> choice, List<String> leftOut) {
  /// The one argument of a custom tool.
  static final String INPUT = "input";

  /// They add to what a model may do of its own accord; a request makes sense without them.
  private static final Set<String> OPTIONAL =
      Set.of(
          "web_search",
          "web_search_2025_08_26",
          "web_search_preview",
          "web_search_preview_2025_03_11",
          "image_generation",
          "tool_search");

  private static final String OFFERED = "function, custom or namespace";

  /// Whose call it really is, by the name the model was told.
  ///
  /// @param namespace empty where there is none
  record Called(String namespace, String name, boolean custom) {}

  /// Reads the tools and the choice between them.
  static ResponsesTools read(List<JsonNode> tools, Optional<JsonNode> choice) {
    var told = new ArrayList<JsonNode>(tools.size());
    var shown = new ArrayList<JsonNode>(tools.size());
    var leftOut = new ArrayList<String>();
    for (int i = 0; i < tools.size(); i++) {
      String at = "tools[" + i + "]";
      Fields tool = Fields.of(tools.get(i), at);
      String type = tool.requiredText("type");
      if (OPTIONAL.contains(type)) {
        leftOut.add("tools." + type);
      } else {
        shown.add(tell(tool, type, tools.get(i), told));
      }
    }
    distinct(told);
    if (told.isEmpty() && !leftOut.isEmpty()) {
      throw Fields.unsupported(
          leftOut.getFirst() + ": not offered (expected: a tool of type " + OFFERED + ")");
    }
    if (choice.isEmpty()) {
      return new ResponsesTools(told, shown, choice, leftOut);
    }
    return chosen(told, shown, choice.get(), leftOut);
  }

  private static JsonNode tell(Fields tool, String type, JsonNode given, List<JsonNode> told) {
    return switch (type) {
      case "function" -> {
        told.add(function("", tool));
        yield shownFunction(given);
      }
      case "custom" -> {
        told.add(custom("", tool));
        yield given;
      }
      case "namespace" -> {
        namespace(tool, told);
        yield given;
      }
      default ->
          throw Fields.unsupported(
              tool.at("type")
                  + ": "
                  + shownType(type)
                  + " is not offered (expected: "
                  + OFFERED
                  + ")");
    };
  }

  /// A type as a message may repeat it: it is a word of the API and not somebody's prompt.
  private static String shownType(String type) {
    return type.matches("[a-z0-9_]{1,64}") ? type : "this kind of tool";
  }

  private static void namespace(Fields tool, List<JsonNode> told) {
    String namespace = tool.requiredText("name");
    String at = tool.at("tools");
    List<JsonNode> inside = Fields.array(tool.required("tools", "an array"), at);
    for (int i = 0; i < inside.size(); i++) {
      Fields each = Fields.of(inside.get(i), at + "[" + i + "]");
      switch (each.text("type").orElse("function")) {
        case "function" -> told.add(function(namespace, each));
        case "custom" -> told.add(custom(namespace, each));
        default ->
            throw Fields.unsupported(
                each.at("type") + ": another kind of tool (expected: function or custom)");
      }
    }
  }

  private static ObjectNode function(String namespace, Fields tool) {
    ObjectNode node = Json.object().put("type", "function");
    ObjectNode function = node.putObject("function");
    function.put("name", toldName(namespace, tool.requiredText("name")));
    tool.text("description").ifPresent(text -> function.put("description", text));
    tool.object("parameters"); // an object, if anything
    tool.any("parameters").ifPresent(parameters -> function.set("parameters", parameters));
    tool.flag("strict").ifPresent(strict -> function.put("strict", strict));
    return node;
  }

  private static ObjectNode custom(String namespace, Fields tool) {
    ObjectNode node = Json.object().put("type", "function");
    ObjectNode function = node.putObject("function");
    function.put("name", toldName(namespace, tool.requiredText("name")));
    String description = tool.text("description").orElse("");
    Optional<Fields> grammar =
        tool.object("format").filter(format -> format.requiredText("type").equals("grammar"));
    if (grammar.isPresent()) {
      description +=
          "\n\nThe input must follow this "
              + grammar.get().text("syntax").orElse("lark")
              + " grammar:\n"
              + grammar.get().requiredText("definition");
    }
    function.put("description", description.strip());
    ObjectNode parameters = function.putObject("parameters").put("type", "object");
    parameters
        .putObject("properties")
        .putObject(INPUT)
        .put("type", "string")
        .put("description", "The whole input of the tool, as plain text.");
    parameters.putArray("required").add(INPUT);
    parameters.put("additionalProperties", false);
    return node;
  }

  /// The name under which a model knows a tool.
  static String toldName(String namespace, String name) {
    if (namespace.isEmpty()) {
      return name;
    }
    return namespace.endsWith("__") ? namespace + name : namespace + "__" + name;
  }

  /// A function as an answer repeats it: what clients rely on is there, if only as null.
  private static JsonNode shownFunction(JsonNode given) {
    ObjectNode shown = ((ObjectNode) given).deepCopy();
    for (String name : new String[] {"parameters", "strict"}) {
      if (!shown.has(name)) {
        shown.putNull(name);
      }
    }
    return shown;
  }

  private static void distinct(List<JsonNode> told) {
    var names = new HashSet<String>();
    for (JsonNode tool : told) {
      if (!names.add(name(tool))) {
        throw MeshException.invalid("tools: the same name twice (expected: each name once)");
      }
    }
  }

  private static String name(JsonNode told) {
    return told.path("function").path("name").stringValue("");
  }

  private static ResponsesTools chosen(
      List<JsonNode> told, List<JsonNode> shown, JsonNode choice, List<String> leftOut) {
    if (choice.isString()) {
      String word = choice.stringValue();
      if (!word.equals("auto") && !word.equals("none") && !word.equals("required")) {
        throw MeshException.invalid("tool_choice: unknown (expected: auto, none or required)");
      }
      return new ResponsesTools(told, shown, Optional.of(choice), leftOut);
    }
    Fields fields = Fields.of(choice, "tool_choice");
    String type = fields.requiredText("type");
    return switch (type) {
      case "function", "custom" -> {
        String name = chosenName(fields);
        if (told.stream().noneMatch(tool -> name(tool).equals(name))) {
          throw MeshException.invalid(
              "tool_choice: not one of the tools (expected: a tool's name)");
        }
        ObjectNode one = Json.object().put("type", "function");
        one.putObject("function").put("name", name);
        yield new ResponsesTools(told, shown, Optional.of(one), leftOut);
      }
      case "allowed_tools" -> allowed(told, shown, fields, leftOut);
      default ->
          throw Fields.unsupported(
              "tool_choice.type: "
                  + shownType(type)
                  + " is not offered (expected: function, custom or allowed_tools)");
    };
  }

  private static String chosenName(Fields fields) {
    return toldName(fields.text("namespace").orElse(""), fields.requiredText("name"));
  }

  private static ResponsesTools allowed(
      List<JsonNode> told, List<JsonNode> shown, Fields fields, List<String> leftOut) {
    String mode = fields.text("mode").orElse("auto");
    if (!mode.equals("auto") && !mode.equals("required")) {
      throw MeshException.invalid("tool_choice.mode: unknown (expected: auto or required)");
    }
    var names = new HashSet<String>();
    List<JsonNode> allowed =
        Fields.array(fields.required("tools", "an array"), "tool_choice.tools");
    for (int i = 0; i < allowed.size(); i++) {
      Fields each = Fields.of(allowed.get(i), "tool_choice.tools[" + i + "]");
      String type = each.requiredText("type");
      if (type.equals("function") || type.equals("custom")) {
        names.add(chosenName(each));
      } else if (!leftOut.contains("tools." + type)) {
        throw Fields.unsupported(each.at("type") + ": " + shownType(type) + " is not offered");
      }
    }
    List<JsonNode> few = told.stream().filter(tool -> names.contains(name(tool))).toList();
    if (few.isEmpty()) {
      throw MeshException.invalid("tool_choice.tools: none of the tools (expected: at least one)");
    }
    return new ResponsesTools(few, shown, Optional.of(StringNode.valueOf(mode)), leftOut);
  }

  /// The tools an answer repeats, by the names the model was told.
  static Map<String, Called> called(JsonNode shown) {
    var called = new HashMap<String, Called>();
    for (JsonNode tool : shown) {
      if (tool.path("type").stringValue("").equals("namespace")) {
        String namespace = tool.path("name").stringValue("");
        tool.path("tools").forEach(each -> called(each, namespace, called));
      } else {
        called(tool, "", called);
      }
    }
    return called;
  }

  private static void called(JsonNode tool, String namespace, Map<String, Called> to) {
    String name = tool.path("name").stringValue("");
    boolean custom = tool.path("type").stringValue("").equals("custom");
    to.put(toldName(namespace, name), new Called(namespace, name, custom));
  }
}
