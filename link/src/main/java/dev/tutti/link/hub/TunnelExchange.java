package dev.tutti.link.hub;

import dev.tutti.backends.Transport;
import dev.tutti.core.Failure;
import dev.tutti.link.LinkLimits;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The owner's side of one exchange through a slot. Owner loop.
///
/// Pieces that came while paused wait here; the slot's side sends no more than the link's bounds
/// until these are acknowledged, and then HTTP/2's own windows stop the agent.
final class TunnelExchange implements Transport.Exchange {
  /// One step of an answer.
  sealed interface Piece {}

  /// The status and the headers that are passed on.
  record Head(int status, Map<String, String> headers) implements Piece {}

  /// A piece of the body.
  record Chunk(Buffer bytes) implements Piece {}

  /// The proper end.
  record End() implements Piece {}

  /// It broke.
  record Broken(Failure failure) implements Piece {}

  private final Transport.Listener listener;
  private final Executor owner;
  private final @Nullable SlotSession slot;
  private final Runnable signOfLife;
  private final Queue<Piece> held = new ArrayDeque<>();
  private int takenPieces;
  private int takenBytes;
  private boolean paused;
  private boolean over;

  TunnelExchange(
      Transport.Listener listener,
      Executor owner,
      @Nullable SlotSession slot,
      Runnable signOfLife) {
    this.listener = listener;
    this.owner = owner;
    this.slot = slot;
    this.signOfLife = signOfLife;
  }

  /// Fails after the caller has returned.
  void breakLater(Failure failure) {
    owner.execute(() -> deliver(new Broken(failure)));
  }

  /// The next piece from the slot.
  void arrived(Piece piece) {
    if (!(piece instanceof Broken)) {
      signOfLife.run();
    }
    if (over) {
      return;
    }
    if (paused || !held.isEmpty()) {
      held.add(piece);
    } else {
      deliver(piece);
    }
  }

  private void deliver(Piece piece) {
    if (over) {
      return;
    }
    switch (piece) {
      case Head(int status, Map<String, String> headers) -> listener.head(status, headers);
      case Chunk(Buffer bytes) -> {
        listener.chunk(bytes);
        acknowledge(bytes.length());
      }
      case End() -> {
        over = true;
        listener.end();
      }
      case Broken(Failure failure) -> {
        over = true;
        listener.failed(failure);
      }
    }
  }

  /// Tells the slot's side in batches what was taken, so that small pieces cost few crossings.
  private void acknowledge(int bytes) {
    takenPieces++;
    takenBytes += bytes;
    if (takenPieces >= LinkLimits.MAX_PIECES_IN_BETWEEN / 2
        || takenBytes >= LinkLimits.MAX_BYTES_IN_BETWEEN / 2) {
      if (slot != null) {
        slot.acknowledge(takenPieces, takenBytes);
      }
      takenPieces = 0;
      takenBytes = 0;
    }
  }

  private void deliverHeld() {
    while (!paused && !over && !held.isEmpty()) {
      deliver(held.remove());
    }
  }

  @Override
  public void cancel() {
    if (over) {
      return;
    }
    over = true;
    held.clear();
    if (slot != null) {
      slot.cancel();
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
      owner.execute(this::deliverHeld);
    }
  }
}
