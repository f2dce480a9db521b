package dev.tutti.dispatch.place;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a plan is made from: the machines with what is on them, what is asked for, and what the
/// owner wants where.
///
/// @param sites the machines whose engines take work
/// @param needs what each model is asked for; a model that is not here is asked for by nobody
/// @param pins which models are to be held on which machines whatever is asked for
public record Situation(
    List<Site> sites, Map<ModelName, Demand.Need> needs, Map<ModelName, Set<NodeId>> pins) {
  /// Copies the collections.
  public Situation {
    sites = List.copyOf(sites);
    needs = Map.copyOf(needs);
    pins = Map.copyOf(pins);
  }

  /// What a model is asked for.
  public Demand.Need need(ModelName model) {
    return needs.getOrDefault(model, Demand.Need.NONE);
  }

  /// Whether the owner wants that model there.
  public boolean isPinned(ModelName model, NodeId node) {
    return pins.getOrDefault(model, Set.of()).contains(node);
  }

  /// One machine.
  ///
  /// @param node its name
  /// @param room memory for models in all, or unknown
  /// @param free memory that more models could take just now, or unknown
  /// @param whole whether all of its engines take work, so that what is on none of them is not
  ///   there
  /// @param shelves its engines that take work
  public record Site(NodeId node, Bytes room, Bytes free, boolean whole, List<Shelf> shelves) {
    /// Copies the list.
    public Site {
      shelves = List.copyOf(shelves);
    }
  }

  /// One engine.
  ///
  /// @param backend its name
  /// @param loads whether it loads and unloads models when it is told to
  /// @param slots answers at a time
  /// @param simulated whether it is a simulated one
  /// @param copies the models that it could answer with
  public record Shelf(
      BackendId backend, boolean loads, int slots, boolean simulated, List<Copy> copies) {
    /// Copies the list.
    public Shelf {
      copies = List.copyOf(copies);
    }
  }

  /// One model as one engine has it on disk.
  ///
  /// @param model its name
  /// @param bytes memory that it takes, measured where it was in memory, else estimated
  /// @param resident whether it is in memory
  /// @param inUse whether it answers just now, or did so lately
  /// @param loadMillis to bring it into memory
  /// @param aloneMillis for a task of usual size, alone on the engine
  /// @param crowdedMillis for the same with all slots in use
  public record Copy(
      ModelName model,
      Bytes bytes,
      boolean resident,
      boolean inUse,
      double loadMillis,
      double aloneMillis,
      double crowdedMillis) {}
}
