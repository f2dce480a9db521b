package dev.tutti.backends;

import dev.tutti.core.Failure;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Remembers what a transport told.
final class Heard implements Transport.Listener {
  final List<String> order = new CopyOnWriteArrayList<>();
  final AtomicLong bytes = new AtomicLong();
  volatile int status;
  volatile Map<String, String> headers = Map.of();
  volatile String text = "";
  volatile @Nullable Failure failure;

  @Override
  public void head(int answered, Map<String, String> with) {
    status = answered;
    headers = with;
    order.add("head");
  }

  @Override
  public void chunk(Buffer piece) {
    bytes.addAndGet(piece.length());
    if (text.length() < 10_000) {
      String before = text;
      text = before + piece.toString(StandardCharsets.UTF_8);
    }
  }

  @Override
  public void end() {
    order.add("end");
  }

  @Override
  public void failed(Failure told) {
    failure = told;
    order.add("failed");
  }

  boolean isOver() {
    return order.contains("end") || order.contains("failed");
  }

  Failure failure() {
    if (failure == null) {
      throw new AssertionError("failure: none (expected: one); heard " + order);
    }
    return failure;
  }
}
