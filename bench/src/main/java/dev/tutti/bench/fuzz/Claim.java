package dev.tutti.bench.fuzz;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Claims about what the codecs give; a broken one is a finding.
final class Claim {
  /// Stricter than any client: nothing may stand after the value, and nesting is bounded.
  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(1_000).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Claim() {}

  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  static JsonNode json(byte[] bytes) {
    try {
      JsonNode node = STRICT.readTree(bytes);
      that(!node.isMissingNode(), "no JSON at all");
      return node;
    } catch (JacksonException e) {
      throw new AssertionError("no JSON: " + new String(bytes, StandardCharsets.UTF_8), e);
    }
  }
}
