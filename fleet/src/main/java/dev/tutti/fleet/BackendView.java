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
/// @param share how many of its slots may be used, in hundredths: less than 100 for an engine that
///   was gray and is tried again
/// @param lastResort whether it may be given work that nobody else can do, although it takes none
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
    String trouble,
    int share,
    boolean lastResort) {
  /// A backend of which nothing more is known than its health.
  public BackendView(
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
    this(
        id,
        node,
        url,
        way,
        facts,
        health,
        slots,
        slotsFixed,
        drained,
        trouble,
        100,
        health == Health.SUSPECT || health == Health.GRAY);
  }

  /// Whether it may be given new work.
  public boolean takesWork() {
    return health == Health.UP && !drained;
  }

  /// Whether it may be given work for which there is nobody else.
  public boolean takesWorkAsLast() {
    return lastResort && !drained;
  }

  /// How many attempts may run on it at a time: its slots, fewer while it is tried again.
  public int openSlots() {
    return Math.max(1, Math.ceilDiv(slots * share, 100));
  }

  /// The same with another number of slots.
  public BackendView withSlots(int other) {
    return new BackendView(
        id, node, url, way, facts, health, other, slotsFixed, drained, trouble, share, lastResort);
  }

  /// The facts of a model it offers.
  public Optional<ModelFacts> model(ModelName name) {
    return facts.models().stream().filter(model -> model.name().equals(name)).findFirst();
  }
}
