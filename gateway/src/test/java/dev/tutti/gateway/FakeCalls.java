package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Engines' ends of single exchanges, played by hand on the owner's loop.
final class FakeCalls implements EngineCalls {
  final List<Play> plays = new CopyOnWriteArrayList<>();
  final List<BackendId> refreshed = new CopyOnWriteArrayList<>();
  volatile boolean takesAtOnce = true;

  /// One exchange as the engine sees it.
  static final class Play implements Call {
    final BackendId backend;
    final Request request;
    final Listener listener;
    final Buffer body = Buffer.buffer();
    final Queue<Promise<Void>> untaken = new ArrayDeque<>();
    final boolean takesAtOnce;
    final AtomicInteger pieces = new AtomicInteger();
    volatile boolean ended;
    volatile boolean cancelled;
    volatile boolean paused;

    Play(BackendId backend, Request request, Listener listener, boolean takesAtOnce) {
      this.backend = backend;
      this.request = request;
      this.listener = listener;
      this.takesAtOnce = takesAtOnce;
    }

    @Override
    public Future<Void> write(Buffer piece) {
      body.appendBuffer(piece);
      pieces.incrementAndGet();
      if (takesAtOnce) {
        return Future.succeededFuture();
      }
      Promise<Void> taken = Promise.promise();
      untaken.add(taken);
      return taken.future();
    }

    @Override
    public void end() {
      ended = true;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }
  }

  @Override
  public Call open(BackendId backend, Request request, Listener listener) {
    var play = new Play(backend, request, listener, takesAtOnce);
    plays.add(play);
    return play;
  }

  @Override
  public Future<Void> refresh(BackendId backend) {
    refreshed.add(backend);
    return Future.succeededFuture();
  }
}
