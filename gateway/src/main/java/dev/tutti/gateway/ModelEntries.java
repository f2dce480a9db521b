package dev.tutti.gateway;

import dev.tutti.access.Sha256;
import dev.tutti.core.ModelName;
import dev.tutti.dialects.ModelEntry;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Merged models in the form that the dialects' lists take.
final class ModelEntries {
  /// The virtual model whose real one the mesh chooses.
  static final ModelName AUTO = new ModelName("auto");

  private static final String EPOCH = "1970-01-01T00:00:00Z";

  /// When a model leaves memory that nobody will unload: some clients insist on a time.
  private static final String NEVER = "9999-12-31T23:59:59Z";

  private ModelEntries() {}

  /// A merged model.
  ///
  /// @param name as the dialect writes it
  static ModelEntry entry(MergedModels.Entry merged, String name) {
    ModelFacts facts = merged.facts();
    String modified = facts.modifiedAt();
    return new ModelEntry(
        name,
        facts.digest().isEmpty() ? standIn(merged.name()) : facts.digest(),
        Math.max(0, facts.size().value()),
        modified.isEmpty() ? EPOCH : modified,
        seconds(modified),
        details(facts),
        capabilities(facts),
        facts.contextTokens() == 0 ? OptionalInt.empty() : OptionalInt.of(facts.contextTokens()),
        loaded(merged),
        merged.simulated(),
        Map.of());
  }

  /// Clients leave out models that report no tools, so a model whose engine reports nothing is
  /// listed with what it is taken to do when it is asked.
  private static Set<String> capabilities(ModelFacts facts) {
    if (!facts.capabilities().isEmpty()) {
      return Set.copyOf(facts.capabilities());
    }
    return facts.type() == ModelType.EMBEDDING
        ? Set.of("embedding")
        : Set.of("completion", "tools");
  }

  /// The virtual model `auto`.
  static ModelEntry auto(String name) {
    return new ModelEntry(
        name,
        standIn(AUTO),
        0,
        EPOCH,
        0,
        ModelEntry.Details.UNKNOWN,
        Set.of("completion"),
        OptionalInt.empty(),
        Optional.empty(),
        false,
        Map.of());
  }

  /// Where an engine gives no digest, the name's: clients cut pieces from it without looking.
  private static String standIn(ModelName name) {
    return Sha256.hex("tutti model " + name.value());
  }

  private static ModelEntry.Details details(ModelFacts facts) {
    Map<String, String> given = facts.details();
    return new ModelEntry.Details(
        given.getOrDefault("parent_model", ""),
        given.getOrDefault("format", ""),
        given.getOrDefault("family", ""),
        given.getOrDefault("parameter_size", ""),
        given.getOrDefault("quantization_level", ""));
  }

  private static Optional<ModelEntry.Loaded> loaded(MergedModels.Entry merged) {
    ModelFacts.Loaded loaded = merged.loaded();
    if (!loaded.resident()) {
      return Optional.empty();
    }
    return Optional.of(
        new ModelEntry.Loaded(
            Math.max(0, loaded.bytes().value()),
            Math.max(0, loaded.vramBytes().value()),
            loaded.expiresAt().isEmpty() ? NEVER : loaded.expiresAt(),
            loaded.contextTokens(),
            merged.loadedOn().stream().map(backend -> backend.node().value()).distinct().toList()));
  }

  private static long seconds(String modified) {
    try {
      return modified.isEmpty()
          ? Instant.EPOCH.getEpochSecond()
          : OffsetDateTime.parse(modified).toEpochSecond();
    } catch (DateTimeException _) {
      return Instant.EPOCH.getEpochSecond();
    }
  }
}
