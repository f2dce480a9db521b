package dev.tutti.gateway;

import dev.tutti.core.Failure;
import io.vertx.core.Context;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Decodes compressed bodies off the loop, a few at a time; others wait their turn, in a queue that
/// the number of requests bounds. Owner loop only.
final class BodyDecoder {
  /// Bytes that are decoded before the budget is asked again.
  private static final int PIECE_BYTES = 64 * 1024;

  private final Executor offLoop;
  private final Context owner;
  private final BodyBudget budget;
  private final int atATime;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int running;

  BodyDecoder(Executor offLoop, Context owner, BodyBudget budget, int atATime) {
    this.offLoop = offLoop;
    this.owner = owner;
    this.budget = budget;
    this.atATime = atATime;
  }

  /// What came of a body.
  sealed interface Decoded {
    /// All of it. So many bytes were taken of the budget, and are the receiver's to give back.
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Whole(byte[] bytes) implements Decoded {}

    /// It cannot be had; nothing of the budget is held for it.
    record Refused(Failure failure) implements Decoded {}
  }

  /// Decodes and tells the owner's loop.
  void decode(BodyEncoding encoding, byte[] encoded, int maxBytes, Consumer<Decoded> done) {
    waiting.add(() ->
        offLoop.execute(() -> {
          Decoded decoded = decoded(encoding, encoded, maxBytes, budget);
          owner.runOnContext(_ -> {
            running--;
            next();
            done.accept(decoded);
          });
        }));
    next();
  }

  private void next() {
    while (running < atATime && !waiting.isEmpty()) {
      running++;
      waiting.remove().run();
    }
  }

  /// Decodes piece by piece, so that what is too large is noticed before it is in memory. Any
  /// thread.
  static Decoded decoded(BodyEncoding encoding, byte[] encoded, int maxBytes, BodyBudget budget) {
    var bytes = new byte[Math.min(maxBytes, PIECE_BYTES)];
    int length = 0;
    try (InputStream in = encoding.decoded(new ByteArrayInputStream(encoded))) {
      while (true) {
        if (length == bytes.length) {
          if (length == maxBytes) {
            if (in.read() < 0) {
              return new Decoded.Whole(bytes);
            }
            return refused(budget, length, BodyReader.tooLarge(maxBytes));
          }
          bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, 2L * length));
        }
        int count = in.read(bytes, length, Math.min(PIECE_BYTES, bytes.length - length));
        if (count < 0) {
          return new Decoded.Whole(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        }
        if (!budget.take(count)) {
          return refused(budget, length, BodyReader.noRoom());
        }
        length += count;
      }
    } catch (IOException | RuntimeException _) {
      // The decoders tell of malformed bytes in several ways; none of their words helps a client.
      String name = encoding.name().toLowerCase(Locale.ROOT);
      return refused(
          budget,
          length,
          Failure.invalid("body: malformed (expected: complete " + name + " data)"));
    } catch (Error e) {
      // Whatever it is, a client that waits must be told, and others that wait must get their turn.
      return refused(budget, length, Faults.bug("decoder", encoding.name(), e));
    }
  }

  private static Decoded refused(BodyBudget budget, int taken, Failure failure) {
    budget.giveBack(taken);
    return new Decoded.Refused(failure);
  }
}
