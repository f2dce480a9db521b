package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.dialects.ModelEntry;
import dev.tutti.dialects.RequestModel;
import dev.tutti.dispatch.DispatchLimits;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Health;
import java.util.Optional;

/// Finds one model by the name a client wrote.
final class ModelLookup {
  private ModelLookup() {}

  /// An Ollama that can be asked about the model now: one that holds what the lists show.
  static Optional<BackendView> witness(FleetView fleet, String name) {
    return MergedModels.of(fleet)
        .find(new ModelName(name))
        .flatMap(entry ->
            entry.holders().stream()
                .filter(backend -> backend.facts().kind() == BackendKind.OLLAMA)
                .filter(backend -> backend.health() == Health.UP)
                .filter(backend ->
                    backend
                        .model(entry.name())
                        .filter(facts -> facts.digest().equals(entry.facts().digest()))
                        .isPresent())
                .findFirst());
  }

  /// The model, shown under the name that the client wrote, if it is one for who asks.
  ///
  /// @throws MeshException `NOT_FOUND` when nobody ever had it; `BUSY` when its holders are down
  static ModelEntry find(FleetView fleet, Exchange asker, String name) {
    ModelEntry found = find(fleet, name);
    var wanted = new ModelName(name);
    if (!wanted.isAuto() && !asker.sees(wanted)) {
      throw new MeshException(RequestModel.notFound(name));
    }
    return found;
  }

  /// The same whoever asks.
  static ModelEntry find(FleetView fleet, String name) {
    ModelName wanted;
    try {
      wanted = new ModelName(name);
    } catch (IllegalArgumentException _) {
      throw Refusals.invalid("model: cannot be a name (expected: a model's name)");
    }
    MergedModels models = MergedModels.of(fleet);
    if (wanted.isAuto() && !models.entries().isEmpty()) {
      return ModelEntries.auto(name);
    }
    Optional<MergedModels.Entry> found = models.find(wanted);
    if (found.isEmpty() && fleet.everSeen().contains(wanted)) {
      throw new MeshException(
          Failure.of(
                  FailureCode.BUSY,
                  Retry.SAFE_NOT_STARTED,
                  "every machine that has this model is down")
              .retryAfter(DispatchLimits.COME_BACK));
    }
    return found
        .map(entry -> ModelEntries.entry(entry, name))
        .orElseThrow(() -> new MeshException(RequestModel.notFound(name)));
  }
}
