package dev.tutti.dialects;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class CatalogueTest {
  static final ModelEntry REAL =
      new ModelEntry(
          "qwen3:8b",
          "sha256:abc",
          5_200_000_000L,
          "2026-01-01T00:00:00Z",
          1_767_225_600,
          new ModelEntry.Details("", "gguf", "qwen3", "8.2B", "Q4_K_M"),
          Set.of("tools", "completion", "thinking"),
          OptionalInt.of(40_960),
          Optional.of(
              new ModelEntry.Loaded(
                  6_000_000_000L,
                  5_000_000_000L,
                  "2026-01-01T00:05:00Z",
                  8192,
                  List.of("eve", "bob"))),
          false,
          Map.of("qwen3.block_count", 36, "general.basename", "Qwen3"));
  static final ModelEntry SIMULATED =
      new ModelEntry(
          "sim/chat",
          "",
          0,
          "1970-01-01T00:00:00Z",
          0,
          ModelEntry.Details.UNKNOWN,
          Set.of("completion"),
          OptionalInt.empty(),
          Optional.empty(),
          true,
          Map.of());

  @Test
  void the_lists_have_each_dialects_shape() {
    var both = List.of(REAL, SIMULATED);
    var out = new StringBuilder();
    show(out, "/v1/models", Catalogue.openAiModels(both));
    show(out, "/v1/models/ID", Catalogue.openAiModel(REAL));
    show(out, "/v1/models, Anthropic's", Catalogue.anthropicModels(both));
    show(out, "/v1/models, Anthropic's, none", Catalogue.anthropicModels(List.of()));
    show(out, "/v1/models/ID, Anthropic's", Catalogue.anthropicModel(REAL));
    show(out, "/api/tags", Catalogue.ollamaTags(both));
    show(out, "/api/ps", Catalogue.ollamaPs(both));
    show(out, "/api/show", Catalogue.ollamaShow(REAL));
    show(out, "/api/show, simulated", Catalogue.ollamaShow(SIMULATED));
    show(out, "/api/version", Catalogue.ollamaVersion("0.33.0"));
    Golden.check("catalogue", "all.txt", out.toString());
  }

  private static void show(StringBuilder out, String path, byte[] body) {
    String pretty =
        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(Json.read(body));
    out.append("== ").append(path).append('\n').append(pretty).append("\n\n");
  }
}
