package dev.tutti.link.hub;

import io.vertx.core.Context;
import java.util.concurrent.Executor;

/// The link's own event loop, as something that runs what it is given.
record Loop(Context context) implements Executor {
  @Override
  public void execute(Runnable task) {
    context.runOnContext(_ -> task.run());
  }
}
