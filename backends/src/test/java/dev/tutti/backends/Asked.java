package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.Message;
import dev.tutti.dialects.Sampling;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Asks something small of an engine and remembers the answer.
final class Asked implements AttemptListener<Delta> {
  final List<Delta> deltas = new CopyOnWriteArrayList<>();
  final AtomicInteger ends = new AtomicInteger();
  volatile @Nullable AnswerUsage usage;
  volatile @Nullable Failure failure;

  @Override
  public void event(Delta event) {
    deltas.add(event);
  }

  @Override
  public void done(AnswerUsage told) {
    usage = told;
    ends.incrementAndGet();
  }

  @Override
  public void failed(Failure told) {
    failure = told;
    ends.incrementAndGet();
  }

  boolean isOver() {
    return ends.get() > 0;
  }

  Failure failure() {
    if (failure == null) {
      throw new AssertionError("failure: none (expected: one); heard " + deltas);
    }
    return failure;
  }

  String text() {
    var text = new StringBuilder();
    for (Delta delta : deltas) {
      if (delta instanceof Delta.Content(String words)) {
        text.append(words);
      }
    }
    return text.toString();
  }

  static Task<Work> chat(String model) {
    var hello =
        new Message(
            Message.Role.USER,
            List.of(new Message.Part.Text("Hello?")),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty());
    var sampling =
        new Sampling(
            OptionalInt.empty(),
            OptionalDouble.of(0),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalLong.empty(),
            List.of(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            Map.of());
    return task(
        model,
        new Work.Chat(
            "auto",
            Dialect.OPENAI,
            List.of(hello),
            List.of(),
            Optional.empty(),
            sampling,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Set.of()));
  }

  static Task<Work> count(String model) {
    if (chat(model).work() instanceof Work.Chat chat) {
      return task(model, new Work.TokenCount(chat));
    }
    throw new AssertionError("work: no chat (expected: one)");
  }

  static Task<Work> embedding(String model) {
    return task(
        model,
        new Work.Embedding(
            "auto",
            Dialect.OPENAI,
            List.of("one", "two"),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Set.of("embedding")));
  }

  private static Task<Work> task(String model, Work work) {
    return new Task<>(
        new TaskId("t-1"),
        TaskType.CHAT,
        new ModelName(model),
        work.needs(),
        5,
        Duration.ofSeconds(30),
        Optional.empty(),
        false,
        0,
        "",
        "",
        work);
  }
}
