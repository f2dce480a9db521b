package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.Optional;

/// One backend as everybody sees it at one moment.
///
/// @param id its name
/// @param node the machine it runs on
/// @param url where it listens, from the point of view of whoever speaks to it
/// @param way how the hub reaches it
/// @param facts the newest facts, kept while it is down
/// @param health whether it gets new work
/// @param slots attempts at a time, at least 1 once facts are known
/// @param slotsFixed whether the owner set `slots`, so that the engine's word does not change it
/// @param drained whether the owner took it or its node out of service
/// @param trouble why it is not up, empty when it is
public record BackendView(
    BackendId id,
    NodeId node,
    String url,
    Way way,
    BackendFacts facts,
    Health health,
    int slots,
    boolean slotsFixed,
    boolean drained,
    String trouble) {

  /// Whether it may be given new work.
  public boolean takesWork() {
    return health == Health.UP && !drained;
  }

  /// The facts of a model it offers.
  public Optional<ModelFacts> model(ModelName name) {
    return facts.models().stream().filter(model -> model.name().equals(name)).findFirst();
  }
}
