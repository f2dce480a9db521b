package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What the scripts in `e2e/clients` must have seen, whatever engine answered.
///
/// @param answer what the engine says to the question of the scripts
/// @param afterTool what it says when the weather is told
record Sightings(String answer, String afterTool) {
  private static final int FEW_PIECES = 5;

  static List<String> strings(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  void toolLoop(JsonNode loop) {
    assertThat(loop.path("asked").size()).as("%s", loop).isEqualTo(1);
    JsonNode call = loop.path("asked").path(0);
    assertThat(call.path("name").asString()).isEqualTo("get_weather");
    assertThat(call.path("city").asString()).isEqualTo("Paris");
    assertThat(loop.path("answer").asString().strip()).isEqualTo(afterTool);
  }

  static void embeddings(JsonNode lengths) {
    List<Integer> sizes = lengths.valueStream().map(JsonNode::asInt).toList();
    assertThat(sizes).hasSize(2).allMatch(size -> size > 0);
    assertThat(Set.copyOf(sizes)).as("one length").hasSize(1);
  }

  /// What `openai.mjs` saw.
  void openAi(JsonNode seen, String model, String completion) {
    assertThat(strings(seen.path("models"))).contains(model);
    assertThat(seen.path("one").asString()).isEqualTo(model);
    assertThat(seen.path("chat").asString()).isEqualTo(answer);
    assertThat(seen.path("chatFinish").asString()).isEqualTo("stop");
    assertThat(seen.path("stream").asString()).isEqualTo(answer);
    assertThat(seen.path("streamPieces").asInt()).isGreaterThan(FEW_PIECES);
    for (String usage : List.of("chatUsage", "streamUsage")) {
      assertThat(seen.path(usage).path("prompt_tokens").asInt()).as(usage).isPositive();
      assertThat(seen.path(usage).path("completion_tokens").asInt()).as(usage).isPositive();
    }
    for (String loop : List.of("toolLoop", "toolLoopStreamed")) {
      toolLoop(seen.path(loop));
      assertThat(seen.path(loop).path("asked").path(0).path("finish_reason").asString())
          .isEqualTo("tool_calls");
    }
    assertThat(seen.path("completion").asString()).isEqualTo(completion);
    assertThat(seen.path("unknown").path("status").asInt()).isEqualTo(404);
    assertThat(seen.path("unknown").path("code").asString()).isEqualTo("model_not_found");
    assertThat(seen.path("unknown").path("type").asString()).isEqualTo("invalid_request_error");
  }

  /// What `responses.mjs` saw.
  void responses(JsonNode seen) {
    assertThat(seen.path("response").path("text").asString()).isEqualTo(answer);
    assertThat(seen.path("response").path("object").asString()).isEqualTo("response");
    assertThat(seen.path("raw").asString()).isEqualTo(answer);
    assertThat(seen.path("stream").path("text").asString()).isEqualTo(answer);
    for (String way : List.of("response", "stream")) {
      assertThat(seen.path(way).path("status").asString()).as(way).isEqualTo("completed");
      JsonNode usage = seen.path(way).path("usage");
      assertThat(usage.path("input_tokens").asInt()).as(way).isPositive();
      assertThat(usage.path("output_tokens").asInt()).as(way).isPositive();
    }
    assertThat(strings(seen.path("events")))
        .containsExactly(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed");
    List<Integer> sequence = seen.path("sequence").valueStream().map(JsonNode::asInt).toList();
    assertThat(sequence).isSorted().doesNotHaveDuplicates().startsWith(0);
    toolLoop(seen.path("toolLoop"));
    toolLoop(seen.path("toolLoopStreamed"));
    toolLoop(seen.path("runTools"));
    assertThat(seen.path("unknown").path("status").asInt()).isEqualTo(404);
    assertThat(seen.path("stateful").path("status").asInt()).isBetween(400, 501);
  }

  /// What `ollama.mjs` saw.
  void ollama(JsonNode seen, String model) {
    assertThat(seen.path("version").asString()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(strings(seen.path("models"))).contains(model + ":latest");
    assertThat(seen.path("chat").asString()).isEqualTo(answer);
    assertThat(seen.path("echoed").asString()).isEqualTo(model);
    assertThat(seen.path("done").path("done").asBoolean()).isTrue();
    assertThat(seen.path("done").path("reason").asString()).isEqualTo("stop");
    assertThat(seen.path("done").path("count").asInt()).isPositive();
    assertThat(seen.path("stream").asString()).isEqualTo(answer);
    assertThat(seen.path("streamPieces").asInt()).isGreaterThan(FEW_PIECES);
    assertThat(seen.path("generate").asString()).isEqualTo(answer);
    toolLoop(seen.path("toolLoop"));
    toolLoop(seen.path("toolLoopStreamed"));
    assertThat(seen.path("unknown").path("status").asInt()).isEqualTo(404);
    assertThat(seen.path("unknown").path("error").asString())
        .contains("no-such-model")
        .contains("not found");
  }

  /// What `anthropic.mjs` saw.
  void anthropic(JsonNode seen, String model) {
    assertThat(seen.path("models").valueStream())
        .anySatisfy(entry -> {
          assertThat(entry.path("id").asString()).isEqualTo(model);
          assertThat(entry.path("type").asString()).isEqualTo("model");
          assertThat(entry.path("name").asString()).isNotEmpty();
          assertThat(entry.path("at").asString()).endsWith("Z");
        });
    assertThat(seen.path("one").path("id").asString()).isEqualTo(model);
    assertThat(seen.path("one").path("name").asString()).isNotEmpty();
    JsonNode message = seen.path("message");
    assertThat(message.path("text").asString()).isEqualTo(answer);
    assertThat(message.path("stop").asString()).isEqualTo("end_turn");
    assertThat(message.path("type").asString()).isEqualTo("message");
    assertThat(message.path("role").asString()).isEqualTo("assistant");
    usage(message.path("usage"));
    assertThat(strings(seen.path("events")).stream().filter(event -> !event.equals("ping")))
        .containsExactly(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(seen.path("startUsage").path("output_tokens").isNumber()).isTrue();
    assertThat(seen.path("blockStart").path("text").isString()).isTrue();
    assertThat(seen.path("deltaUsage").path("output_tokens").asInt()).isPositive();
    assertThat(seen.path("raw").asString()).isEqualTo(answer);
    assertThat(seen.path("stream").path("text").asString()).isEqualTo(answer);
    assertThat(seen.path("stream").path("stop").asString()).isEqualTo("end_turn");
    assertThat(seen.path("stream").path("pieces").asInt()).isGreaterThan(FEW_PIECES);
    usage(seen.path("stream").path("usage"));
    assertThat(seen.path("counted").asInt()).isPositive();
    assertThat(seen.path("system").asString()).isEqualTo(answer);
    assertThat(seen.path("beta").asString()).isEqualTo(answer);
    for (String loop : List.of("toolLoop", "toolLoopStreamed")) {
      toolLoop(seen.path(loop));
      assertThat(seen.path(loop).path("asked").path(0).path("finish_reason").asString())
          .isEqualTo("tool_use");
    }
    assertThat(seen.path("unknown").path("class").asString()).isEqualTo("NotFoundError");
    assertThat(seen.path("unknown").path("outer").asString()).isEqualTo("error");
    assertThat(seen.path("unknown").path("type").asString()).isEqualTo("not_found_error");
  }

  private static void usage(JsonNode usage) {
    assertThat(usage.path("input_tokens").isNumber()).as("%s", usage).isTrue();
    assertThat(usage.path("output_tokens").asInt()).as("%s", usage).isPositive();
  }

  /// What `features.mjs` saw.
  void features(JsonNode seen) {
    assertThat(seen.properties())
        .hasSize(16)
        .allSatisfy(entry -> {
          String name = entry.getKey();
          JsonNode found = entry.getValue();
          assertThat(found.path("failed").asString("")).as(name).isEmpty();
          if (name.startsWith("form")) {
            assertThat(found.path("city").asString()).as(name).isEqualTo("Paris");
          } else {
            assertThat(found.path("text").asString()).as(name).isEqualTo(answer);
          }
          if (name.startsWith("thinking")) {
            assertThat(found.path("thought").asString()).as(name).isNotEmpty();
          }
          if (found.has("next")) {
            assertThat(found.path("next").asString()).as(name).isNotEmpty();
          }
        });
  }

  /// What `frameworks.mjs` saw.
  void frameworks(JsonNode seen) {
    assertThat(seen.properties())
        .hasSize(6)
        .allSatisfy(entry -> {
          JsonNode way = entry.getValue();
          assertThat(way.path("failed").asString("")).as(entry.getKey()).isEmpty();
          assertThat(way.path("text").asString()).as(entry.getKey()).isEqualTo(answer);
          assertThat(way.path("stream").asString()).as(entry.getKey()).isEqualTo(answer);
          assertThat(way.path("pieces").asInt()).as(entry.getKey()).isGreaterThan(FEW_PIECES);
          toolLoop(way.path("toolLoop"));
        });
  }
}
