package dev.tutti.simulate;

import dev.tutti.core.Bytes;
import dev.tutti.core.Time;
import dev.tutti.simulate.Resident.State;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.function.Consumer;

/// The memory of one engine: which models are in it, and which one has to go for another. Models
/// stay until their room is needed. Owner loop only.
final class Memory {
  private final Time time;
  private final NodeSpec node;
  private final Collection<Resident> models;
  private final Consumer<Resident> loaded;
  private final Runnable changed;
  private long diskFreeNanos;
  private int loads;

  /// @param loaded hears of each model that is ready
  /// @param changed hears that the facts about models in memory are no longer so
  Memory(
      Time time,
      NodeSpec node,
      Collection<Resident> models,
      Consumer<Resident> loaded,
      Runnable changed) {
    this.time = time;
    this.node = node;
    this.models = models;
    this.loaded = loaded;
    this.changed = changed;
    this.diskFreeNanos = time.nanos();
  }

  /// Sees to it that the model is in memory or on its way there; says whether it is. When it does
  /// not fit beside models in use, nothing happens.
  boolean bring(Resident model) {
    if (model.state != State.ABSENT) {
      return true;
    }
    long missing = model.spec.size().value() - free().value();
    if (!makeRoom(missing)) {
      return false;
    }
    model.state = State.LOADING;
    loads++;
    // One disk: what is loaded at the same time is loaded one after the other.
    long now = time.nanos();
    long from = Math.max(now, diskFreeNanos);
    diskFreeNanos = from + node.loading().nanos(model.spec.size());
    time.after(Duration.ofNanos(diskFreeNanos - now), () -> ready(model));
    tell();
    return true;
  }

  /// Memory that no model takes.
  Bytes free() {
    long free = node.hardware().ramFree().value();
    for (Resident model : models) {
      if (model.state != State.ABSENT) {
        free -= model.spec.size().value();
      }
    }
    return new Bytes(Math.max(0, free));
  }

  /// How many models were loaded so far.
  int loads() {
    return loads;
  }

  private boolean makeRoom(long missing) {
    if (missing <= 0) {
      return true;
    }
    var idle =
        models.stream()
            .filter(model -> model.state == State.READY && model.users == 0)
            .sorted(Comparator.comparingLong(model -> model.usedNanos))
            .toList();
    long gain = idle.stream().mapToLong(model -> model.spec.size().value()).sum();
    if (gain < missing) {
      return false;
    }
    long left = missing;
    for (Resident model : idle) {
      if (left > 0) {
        left -= model.spec.size().value();
        model.state = State.ABSENT;
        model.cache = new PrefixCache(0);
      }
    }
    return true;
  }

  private void ready(Resident model) {
    model.state = State.READY;
    model.cache = new PrefixCache(node.cacheTokens().getOrDefault(model.name(), 0L));
    tell();
    loaded.accept(model);
  }

  /// Later in the same instant: whoever hears of it may give this engine work, which it is in the
  /// middle of taking.
  private void tell() {
    time.after(Duration.ZERO, changed);
  }
}
