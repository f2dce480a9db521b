package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The tasks of one request that unloads a model from several machines, except the one that the
/// client hears of. Owner loop only.
final class Unloading {
  private final Runnable done;
  private final Consumer<Failure> failed;
  private final List<TaskHandle> handles = new ArrayList<>();
  private int open;
  private boolean begun;
  private boolean over;
  private @Nullable Failure failure;

  /// @param parts how many tasks there will be
  /// @param done runs when all of them ended well
  /// @param failed runs when all of them ended, and one badly
  Unloading(int parts, Runnable done, Consumer<Failure> failed) {
    this.open = parts;
    this.done = done;
    this.failed = failed;
  }

  /// The machines that have the model in memory, when the work is to unload it and the client
  /// leaves open where.
  static List<NodeId> nodes(FleetView fleet, TaskWishes wishes, Work work) {
    if (!(work instanceof Work.Residency residency)
        || !residency.unload()
        || wishes.node().isPresent()) {
      return List.of();
    }
    return name(residency.model())
        .flatMap(name -> MergedModels.of(fleet).find(name))
        .map(entry -> entry.loadedOn().stream().map(BackendView::node).distinct().toList())
        .orElse(List.of());
  }

  private static Optional<ModelName> name(String text) {
    try {
      return Optional.of(new ModelName(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  void holds(TaskHandle handle) {
    handles.add(handle);
  }

  /// All tasks are submitted; some may have ended.
  void begin() {
    begun = true;
    settle();
  }

  /// The client has gone.
  void cancel() {
    if (!over) {
      over = true;
      handles.forEach(TaskHandle::cancel);
    }
  }

  private void settle() {
    if (over || !begun || open > 0) {
      return;
    }
    over = true;
    if (failure == null) {
      done.run();
    } else {
      failed.accept(failure);
    }
  }

  /// Hears one of the tasks.
  TaskListener<Delta> part() {
    return new TaskListener<>() {
      @Override
      public void queued(int position) {
        // Nobody is told.
      }

      @Override
      public void assigned(Assignment assignment) {
        // Nobody is told.
      }

      @Override
      public boolean event(Delta event) {
        return false;
      }

      @Override
      public void done(AnswerUsage usage) {
        open--;
        settle();
      }

      @Override
      public void failed(Failure why) {
        open--;
        failure = why;
        settle();
      }
    };
  }
}
