package dev.tutti.backends;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.ModelFacts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Gathers the models of one engine: the first of each name, and not more than are remembered.
final class ModelList {
  private ModelList() {}

  /// Every entry of an array that `read` makes something of.
  static List<ModelFacts> of(JsonNode array, Function<JsonNode, Optional<ModelFacts>> read) {
    Map<ModelName, ModelFacts> models = new LinkedHashMap<>();
    for (JsonNode entry : array) {
      if (models.size() >= BackendFacts.MAX_MODELS) {
        break;
      }
      read.apply(entry).ifPresent(model -> models.putIfAbsent(model.name(), model));
    }
    return List.copyOf(models.values());
  }
}
