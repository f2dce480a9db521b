package dev.tutti.link;

import dev.tutti.backends.Transport;
import dev.tutti.core.Failure;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// An engine in memory that does what a test tells it, and counts what became of it. It writes only
/// while it is not paused, like a socket.
public final class ScriptedEngine implements Transport {
  /// What it answers with.
  public sealed interface Script {}

  /// The request's own body.
  public record Echo() implements Script {}

  /// So many bytes in pieces of so many.
  public record Bulk(long bytes, int piece) implements Script {}

  /// A head, one piece, and no more.
  public record Hang() implements Script {}

  /// Nothing at all.
  public record Silent() implements Script {}

  /// A failure instead of an answer.
  public record Fail(Failure failure) implements Script {}

  /// A head and one piece, then a failure.
  public record Cut(Failure failure) implements Script {}

  private final Context loop;
  private volatile Script script = new Echo();

  public final List<Request> requests = new CopyOnWriteArrayList<>();
  public final AtomicInteger cancelled = new AtomicInteger();
  public final AtomicInteger running = new AtomicInteger();
  public final AtomicLong bytesWritten = new AtomicLong();

  public ScriptedEngine(Context loop) {
    this.loop = loop;
  }

  public ScriptedEngine plays(Script next) {
    script = next;
    return this;
  }

  @Override
  public Exchange send(Request request, Listener listener) {
    requests.add(request);
    running.incrementAndGet();
    var play = new Play(script, request, listener);
    loop.runOnContext(_ -> play.begin());
    return play;
  }

  private final class Play implements Exchange {
    private final Script script;
    private final Request request;
    private final Listener listener;
    private long left;
    private boolean paused;
    private boolean over;

    Play(Script script, Request request, Listener listener) {
      this.script = script;
      this.request = request;
      this.listener = listener;
    }

    void begin() {
      if (over) {
        return;
      }
      switch (script) {
        case Echo() -> {
          head();
          if (request.body().length() > 0) {
            listener.chunk(request.body());
          }
          end();
        }
        case Bulk(long bytes, int _) -> {
          left = bytes;
          head();
          write();
        }
        case Hang() -> {
          head();
          listener.chunk(Buffer.buffer("first"));
        }
        case Silent() -> {}
        case Fail(Failure failure) -> fail(failure);
        case Cut(Failure failure) -> {
          head();
          listener.chunk(Buffer.buffer("first"));
          fail(failure);
        }
      }
    }

    private void head() {
      listener.head(
          200, Map.of("content-type", "text/plain", "retry-after", "7", "set-cookie", "no"));
    }

    private void write() {
      if (over || paused || !(script instanceof Bulk(long _, int piece))) {
        return;
      }
      int length = (int) Math.min(piece, left);
      left -= length;
      bytesWritten.addAndGet(length);
      listener.chunk(Buffer.buffer(new byte[length]));
      if (left == 0) {
        end();
      } else {
        loop.runOnContext(_ -> write());
      }
    }

    private void end() {
      stop();
      listener.end();
    }

    private void fail(Failure failure) {
      stop();
      listener.failed(failure);
    }

    private void stop() {
      over = true;
      running.decrementAndGet();
    }

    @Override
    public void cancel() {
      if (!over) {
        stop();
        cancelled.incrementAndGet();
      }
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      if (paused) {
        paused = false;
        loop.runOnContext(_ -> write());
      }
    }
  }
}
