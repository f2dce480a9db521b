package dev.tutti.dialects;

import dev.tutti.dialects.ClientRequest.AnswerSketch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// The response object of `/v1/responses`: the whole answer, and what its stream begins and ends
/// with.
final class ResponsesBodies {
  private final AnswerSketch sketch;
  private final AnswerContext context;

  ResponsesBodies(AnswerSketch sketch, AnswerContext context) {
    this.sketch = sketch;
    this.context = context;
  }

  /// Where a response stands.
  enum Status {
    IN_PROGRESS("in_progress"),
    COMPLETED("completed"),
    INCOMPLETE("incomplete"),
    FAILED("failed");

    final String word;

    Status(String word) {
      this.word = word;
    }

    /// What an end for that reason makes of it.
    static Status of(Delta.Reason reason) {
      return switch (reason) {
        case STOP, TOOL_CALLS -> COMPLETED;
        case LENGTH, CONTENT_FILTER -> INCOMPLETE;
      };
    }
  }

  /// The object.
  ///
  /// @param error why it failed, for that status only
  /// @param reason why it ended, null before
  ObjectNode response(
      Status status,
      List<ResponsesItem> items,
      Delta.@Nullable Reason reason,
      Optional<Delta.Usage> usage,
      String error) {
    ObjectNode body = Json.object().put("id", "resp_" + context.id()).put("object", "response");
    body.put("created_at", context.createdSeconds()).put("status", status.word);
    body.put("background", false);
    if (status == Status.COMPLETED) {
      body.put("completed_at", Instant.parse(context.now().get()).getEpochSecond());
    }
    if (status == Status.FAILED) {
      body.putObject("error").put("code", "server_error").put("message", error);
    } else {
      body.putNull("error");
    }
    if (status == Status.INCOMPLETE) {
      boolean filtered = reason == Delta.Reason.CONTENT_FILTER;
      body.putObject("incomplete_details")
          .put("reason", filtered ? "content_filter" : "max_output_tokens");
    } else {
      body.putNull("incomplete_details");
    }
    body.put("model", OpenAiBodies.model(sketch, context));
    ArrayNode output = body.putArray("output");
    items.forEach(item -> output.add(item.node()));
    repeat(body);
    usage.ifPresent(known -> usage(body, known));
    return body;
  }

  /// What was asked for, or what holds where nothing was asked for.
  private void repeat(ObjectNode body) {
    body.put("store", false).putNull("previous_response_id").put("truncation", "disabled");
    body.set("parallel_tool_calls", asked("parallel_tool_calls").orElse(Json.bool(true)));
    body.set("tool_choice", asked("tool_choice").orElse(StringNode.valueOf("auto")));
    body.set("tools", asked("tools").orElseGet(() -> Json.object().putArray("tools")));
    body.set("metadata", asked("metadata").orElseGet(Json::object));
    ObjectNode text = body.putObject("text");
    text.putObject("format").put("type", "text");
    asked("text").ifPresent(given -> text.setAll((ObjectNode) given));
    ObjectNode reasoning = body.putObject("reasoning").putNull("effort").putNull("summary");
    asked("reasoning").ifPresent(given -> reasoning.setAll((ObjectNode) given));
    for (String name :
        new String[] {
          "instructions", "max_output_tokens", "max_tool_calls", "temperature", "top_p"
        }) {
      asked(name).ifPresentOrElse(given -> body.set(name, given), () -> body.putNull(name));
    }
    for (String name :
        new String[] {"prompt_cache_key", "safety_identifier", "top_logprobs", "user"}) {
      asked(name).ifPresent(given -> body.set(name, given));
    }
  }

  private Optional<JsonNode> asked(String name) {
    return Optional.ofNullable(sketch.echo().get(name));
  }

  /// Whether the client asked for a summary of the reasoning.
  boolean wantsSummary() {
    return asked("reasoning").filter(given -> given.path("summary").isString()).isPresent();
  }

  /// The client's tools by the names the model was told.
  Map<String, ResponsesTools.Called> tools() {
    return asked("tools").map(ResponsesTools::called).orElse(Map.of());
  }

  private static void usage(ObjectNode body, Delta.Usage usage) {
    ObjectNode node = body.putObject("usage").put("input_tokens", usage.promptTokens());
    node.putObject("input_tokens_details")
        .put("cached_tokens", usage.cachedTokens())
        .put("cache_write_tokens", 0);
    node.put("output_tokens", usage.outputTokens());
    node.putObject("output_tokens_details").put("reasoning_tokens", 0);
    node.put("total_tokens", (long) usage.promptTokens() + usage.outputTokens());
  }
}
