package dev.tutti.dialects;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Reads Ollama's `options`. Known ones of a wrong type are refused, unknown ones kept.
final class OllamaOptions {
  private static final Set<String> WHOLE =
      Set.of(
          "num_ctx",
          "num_batch",
          "num_gpu",
          "main_gpu",
          "num_thread",
          "draft_num_predict",
          "num_keep",
          "repeat_last_n",
          "mirostat");
  private static final Set<String> NUMBERS = Set.of("typical_p", "mirostat_tau", "mirostat_eta");
  private static final Set<String> FLAGS = Set.of("use_mmap", "use_mlock", "numa", "low_vram");

  private OllamaOptions() {}

  static Sampling read(Optional<JsonNode> options, OptionalInt logprobs) {
    if (options.isEmpty()) {
      return none(logprobs);
    }
    Fields fields = Fields.of(options.get(), "options");
    return new Sampling(
        fields.integer("num_predict", Integer.MIN_VALUE, Integer.MAX_VALUE),
        fields.number("temperature"),
        fields.number("top_p"),
        fields.integer("top_k", Integer.MIN_VALUE, Integer.MAX_VALUE),
        fields.number("min_p"),
        fields.longNumber("seed"),
        fields.texts("stop"),
        fields.number("presence_penalty"),
        fields.number("frequency_penalty"),
        fields.number("repeat_penalty"),
        logprobs,
        rest(fields));
  }

  private static Sampling none(OptionalInt logprobs) {
    return new Sampling(
        OptionalInt.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        List.of(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        logprobs,
        Map.of());
  }

  private static Map<String, JsonNode> rest(Fields fields) {
    Map<String, JsonNode> rest = fields.rest();
    for (String name : rest.keySet()) {
      if (WHOLE.contains(name)) {
        fields.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
      } else if (NUMBERS.contains(name)) {
        fields.number(name);
      } else if (FLAGS.contains(name)) {
        fields.flag(name);
      }
    }
    return rest;
  }
}
