package dev.tutti.dispatch.place;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Who should hold what, and what that is expected to be good for: an estimate.
///
/// @param sites what is to be done on each machine, in the order of their names
/// @param effect what is expected of it
/// @param remarks what else is to be said, for people
public record Plan(List<Site> sites, Effect effect, List<String> remarks) {
  /// Nothing known and nothing to do.
  public static final Plan EMPTY = new Plan(List.of(), new Effect(0, 0, 0, 0), List.of());

  /// Copies the lists.
  public Plan {
    sites = List.copyOf(sites);
    remarks = List.copyOf(remarks);
  }

  /// Whether nothing is to be loaded or unloaded.
  public boolean isDone() {
    return entries().stream()
        .noneMatch(entry -> entry.action() == Action.LOAD || entry.action() == Action.UNLOAD);
  }

  /// What is to be done with each model on each engine.
  public List<Entry> entries() {
    return sites.stream().flatMap(site -> site.entries().stream()).toList();
  }

  /// One machine.
  ///
  /// @param node its name
  /// @param room its memory for models, or unknown
  /// @param before what models take of it now
  /// @param after what they take of it when the plan was carried out
  /// @param entries what is to be done, in the order of engines and models
  public record Site(NodeId node, Bytes room, Bytes before, Bytes after, List<Entry> entries) {
    /// Copies the list.
    public Site {
      entries = List.copyOf(entries);
    }
  }

  /// One model on one engine.
  ///
  /// @param backend the engine
  /// @param model the model
  /// @param action what is to be done with it
  /// @param bytes memory that it takes
  /// @param pinned whether the owner wants it there
  /// @param simulated whether the engine is a simulated one
  /// @param why the reason, for people
  public record Entry(
      BackendId backend,
      ModelName model,
      Action action,
      Bytes bytes,
      boolean pinned,
      boolean simulated,
      String why) {}

  /// What is to be done with a model.
  public enum Action {
    /// It is in memory and is to stay there.
    KEEP,
    /// It is in memory, and nobody needs it there: it stays until its engine wants the room.
    IDLE,
    /// It is to be brought into memory.
    LOAD,
    /// It is to be taken out of memory, to make room.
    UNLOAD,
    /// It should be here and is not on disk: for the owner to decide, never done by itself.
    PULL,
    /// It should be here and cannot be.
    CANNOT;

    /// The name in APIs and tables.
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What is expected, for one hour of work like the last day's.
  ///
  /// @param secondsBefore all tasks' times in their engines together, as things are
  /// @param secondsAfter the same when the plan was carried out
  /// @param loadsBefore how often a model is brought into memory for a task, at most
  /// @param loadsAfter the same when the plan was carried out
  public record Effect(
      double secondsBefore, double secondsAfter, double loadsBefore, double loadsAfter) {
    /// What is saved in an hour.
    public Duration saved() {
      return Duration.ofMillis(Math.round(Math.max(0, secondsBefore - secondsAfter) * 1e3));
    }
  }
}
