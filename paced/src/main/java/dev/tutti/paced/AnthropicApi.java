package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The paths of the Anthropic Messages API. Source: Anthropic's API reference.
record AnthropicApi(Machine machine) implements Api {
  @Override
  public boolean handle(Exchange exchange) {
    boolean own = machine.profile().kind() == EngineKind.ANTHROPIC;
    if (own && exchange.reads("/v1/models")) {
      exchange.answer(200, models());
    } else if (exchange.posts("/v1/messages")) {
      messages(exchange, exchange.json());
    } else if (exchange.posts("/v1/messages/count_tokens")) {
      JsonNode body = exchange.json();
      var prompt = Prompt.ofMessages(body.path("messages"), body.path("system"));
      exchange.answer(200, OllamaApi.marked().put("input_tokens", prompt.tokens()));
    } else {
      return false;
    }
    return true;
  }

  private ObjectNode models() {
    ObjectNode body = OllamaApi.marked();
    var data = body.putArray("data");
    for (PacedModel model : machine.models()) {
      data.addObject()
          .put("type", "model")
          .put("id", model.name().value())
          .put("display_name", model.name().value() + " (simulated)")
          .put("created_at", "2026-01-01T00:00:00Z");
    }
    body.put("has_more", false);
    if (data.isEmpty()) {
      return body.putNull("first_id").putNull("last_id");
    }
    body.put("first_id", data.path(0).path("id").stringValue());
    return body.put("last_id", data.path(data.size() - 1).path("id").stringValue());
  }

  private void messages(Exchange exchange, JsonNode body) {
    PacedModel model = machine.find(body.path("model").asString(""), PacedModel.Role.CHAT);
    int limit = body.path("max_tokens").asInt(0);
    if (limit < 1) {
      throw Machine.refusal(FailureCode.INVALID_REQUEST, "max_tokens: none (expected: >= 1)");
    }
    var prompt = Prompt.ofMessages(body.path("messages"), body.path("system"));
    boolean thinks =
        model.can(PacedModel.Role.THINK)
            && body.path("thinking").path("type").asString("").equals("enabled");
    var thinking = thinks ? Ask.Thinking.SHOWN : Ask.Thinking.NONE;
    Ask.Want want = want(body, prompt, thinking);
    var ask =
        new Ask(
            model,
            prompt.tokens(),
            limit,
            Words.hash(prompt.lastText()),
            0,
            Residents.DEFAULT_KEEP_ALIVE,
            want);
    var delivery =
        body.path("stream").asBoolean(false) ? Answer.Delivery.STREAM : Answer.Delivery.WHOLE;
    var format = new AnthropicAnswer(machine, body.path("model").asString(""), prompt.tokens());
    Answer.give(machine, exchange, ask, format, delivery);
  }

  private Ask.Want want(JsonNode body, Prompt prompt, Ask.Thinking thinking) {
    JsonNode choice = body.path("tool_choice");
    boolean allowed = !choice.path("type").asString("").equals("none");
    var tools = tools(body.path("tools"));
    String id = "toolu_" + machine.nextId();
    JsonNode format = body.path("output_config").path("format");
    Ask.Want usual = new Ask.Want.Prose(thinking);
    if (allowed && prompt.lastTurn() == Prompt.LastTurn.OTHER && !body.path("tools").isEmpty()) {
      String forced = choice.path("name").asString("");
      usual = Ask.toolCall(tools, forced, prompt.lastText(), id, thinking);
    } else if (format.path("type").asString("").equals("json_schema")) {
      usual = new Ask.Want.Document(SampleJson.of(format.path("schema")));
    }
    return machine.played(prompt, tools, id, usual);
  }

  private static List<Ask.OfferedTool> tools(JsonNode tools) {
    List<Ask.OfferedTool> offered = new ArrayList<>();
    for (JsonNode tool : tools.values()) {
      if (tool.path("name").isString() && tool.has("input_schema")) {
        offered.add(
            new Ask.OfferedTool(tool.path("name").stringValue(), tool.path("input_schema")));
      }
    }
    return offered;
  }
}
