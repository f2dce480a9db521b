package dev.tutti.backends;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import org.jspecify.annotations.Nullable;

/// The body of an exchange on its way to an engine, piece by piece. At most one piece is held,
/// while the connection is being made. Owner loop only.
final class DirectUpload implements Upload {
  private final boolean chunked;
  private final Promise<Void> sent = Promise.promise();
  private @Nullable DirectExchange exchange;
  private @Nullable HttpClientRequest request;
  private @Nullable Buffer held;
  private Promise<Void> heldTaken = Promise.promise();
  private boolean complete;

  /// @param chunked whether nobody knows the body's length
  DirectUpload(boolean chunked) {
    this.chunked = chunked;
  }

  void carriedBy(DirectExchange carrier) {
    exchange = carrier;
  }

  /// The connection is there.
  Future<Void> begin(HttpClientRequest ready) {
    request = ready;
    ready.setChunked(chunked);
    Buffer first = held;
    if (first != null) {
      held = null;
      ready.write(first).onComplete(heldTaken);
    } else {
      // The engine may answer before it has read anything.
      var _ = ready.sendHead();
    }
    if (complete) {
      ready.end().onComplete(sent);
    }
    return sent.future();
  }

  @Override
  public Future<Void> write(Buffer piece) {
    HttpClientRequest ready = request;
    if (ready != null) {
      return ready.write(piece);
    }
    held = piece;
    heldTaken = Promise.promise();
    return heldTaken.future();
  }

  @Override
  public void end() {
    complete = true;
    HttpClientRequest ready = request;
    if (ready != null) {
      ready.end().onComplete(sent);
    }
  }

  @Override
  public void cancel() {
    if (exchange != null) {
      exchange.cancel();
    }
  }

  @Override
  public void pause() {
    if (exchange != null) {
      exchange.pause();
    }
  }

  @Override
  public void resume() {
    if (exchange != null) {
      exchange.resume();
    }
  }
}
