package dev.tutti.simulate;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskListener;
import java.util.List;

/// A proxy as others build it: it chooses an engine for each request when the request comes, and
/// the request waits there. Owner loop only.
final class Binder {
  private final Contender.Rule rule;
  private final List<ModelledEngine> engines;
  private final int[] outstanding;
  private final long[] lastChosen;
  private long choices;

  /// @param engines those of equal rank are chosen in this order
  Binder(Contender.Rule rule, List<ModelledEngine> engines) {
    this.rule = rule;
    this.engines = List.copyOf(engines);
    this.outstanding = new int[engines.size()];
    this.lastChosen = new long[engines.size()];
  }

  void submit(Task<Request> task, TaskListener<Piece> client) {
    int chosen = choose(task.model());
    outstanding[chosen]++;
    lastChosen[chosen] = ++choices;
    engines.get(chosen).start(task, new Relay(client, chosen));
  }

  private int choose(ModelName model) {
    int best = -1;
    for (int i = 0; i < engines.size(); i++) {
      boolean holds = engines.get(i).node().rates().containsKey(model);
      if (holds && (best < 0 || rank(i) < rank(best))) {
        best = i;
      }
    }
    if (best < 0) {
      throw new InputException("model: " + model + " (expected: one that the fleet holds)");
    }
    return best;
  }

  private long rank(int engine) {
    return switch (rule) {
      case FEWEST_OUTSTANDING -> outstanding[engine];
      case IN_TURN -> lastChosen[engine];
    };
  }

  /// Passes on what an engine says, and counts.
  private final class Relay implements AttemptListener<Piece> {
    private final TaskListener<Piece> client;
    private final int engine;

    Relay(TaskListener<Piece> client, int engine) {
      this.client = client;
      this.engine = engine;
    }

    @Override
    public void event(Piece event) {
      client.event(event);
    }

    @Override
    public void done(AnswerUsage usage) {
      outstanding[engine]--;
      client.done(usage);
    }

    @Override
    public void failed(Failure failure) {
      outstanding[engine]--;
      client.failed(failure);
    }
  }
}
