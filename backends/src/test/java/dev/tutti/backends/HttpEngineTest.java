package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.AnswerReader;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HttpEngineTest {
  private final SimulatedTime time = new SimulatedTime();
  private final HandTransport transport = new HandTransport();
  private final List<String> heard = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final CountedSlots slots = new CountedSlots(new Credit());
  private final HttpEngine engine =
      new HttpEngine(transport, new Letters(), new Credits.Counted(slots), time);
  private int credits;
  private Engine.@Nullable Attempt cancelOnEvent;

  private final class Credit implements Engine.SlotListener {
    @Override
    public void slotOpened() {
      credits++;
      heard.add("slot");
    }

    @Override
    public void slotClosed() {
      credits--;
    }
  }

  /// A transport whose other end is the test.
  private static final class HandTransport implements Transport {
    Transport.@Nullable Request request;
    Transport.@Nullable Listener answer;
    final List<String> told = new ArrayList<>();

    @Override
    public Exchange send(Request sent, Listener listener) {
      request = sent;
      answer = listener;
      return new Exchange() {
        @Override
        public void cancel() {
          told.add("cancel");
        }

        @Override
        public void pause() {
          told.add("pause");
        }

        @Override
        public void resume() {
          told.add("resume");
        }
      };
    }

    Transport.Request request() {
      if (request == null) {
        throw new AssertionError("request: none (expected: one was sent)");
      }
      return request;
    }

    Transport.Listener answer() {
      if (answer == null) {
        throw new AssertionError("request: none (expected: one was sent)");
      }
      return answer;
    }

    void body(String text) {
      answer().chunk(Buffer.buffer(text));
    }
  }

  /// A dialect in which every letter is a word; `!` is an error record, `#` a bug, `.` the end.
  private static final class Letters implements EngineDialect {
    @Override
    public Dialect dialect() {
      return Dialect.OLLAMA;
    }

    @Override
    public EngineCall call(Work work, String model) {
      if (work.model().equals("unspeakable")) {
        throw new MeshException(
            Failure.of(FailureCode.UNSUPPORTED, Retry.POINTLESS, "cannot say it"));
      }
      byte[] body = model.getBytes(StandardCharsets.UTF_8);
      return new EngineCall("POST", "/letters", body);
    }

    @Override
    public AnswerReader reader(Work work) {
      return new AnswerReader() {
        private boolean complete;

        @Override
        public void feed(byte[] bytes, Consumer<Delta> out) {
          for (byte letter : bytes) {
            switch (letter) {
              case '!' ->
                  throw new MeshException(
                      Failure.of(FailureCode.ENGINE_ERROR, Retry.POINTLESS, "said so"));
              case '#' -> throw new IllegalStateException("a bug");
              case '$' -> out.accept(new Delta.Usage(3, 2, 1, 0, 0, 0));
              case '.' -> complete = true;
              default -> out.accept(new Delta.Content(Character.toString((char) letter)));
            }
          }
        }

        @Override
        public Optional<Failure> end(Consumer<Delta> out) {
          return complete
              ? Optional.empty()
              : Optional.of(
                  Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "no end"));
        }

        @Override
        public Failure refused(int status, String retryAfter, byte[] body) {
          return new Failure(
              FailureCode.ENGINE_ERROR,
              Retry.POINTLESS,
              retryAfter + "/" + body.length,
              status,
              Duration.ZERO);
        }
      };
    }
  }

  private final class Ears implements AttemptListener<Delta> {
    @Override
    public void event(Delta event) {
      heard.add(event instanceof Delta.Content(String text) ? text : "usage");
      if (cancelOnEvent != null) {
        cancelOnEvent.cancel();
      }
    }

    @Override
    public void done(AnswerUsage usage) {
      heard.add("done " + usage.promptTokens() + usage.cachedTokens() + usage.outputTokens());
    }

    @Override
    public void failed(Failure failure) {
      heard.add("failed");
      failures.add(failure);
    }
  }

  private Engine.Attempt start(String model) {
    if (slots.free() == 0) {
      slots.resize(1);
    }
    credits--;
    heard.clear();
    Work work = new Work.Residency(model, Dialect.OLLAMA, false, true, Optional.empty());
    var task =
        new Task<>(
            new TaskId("t-1"),
            TaskType.CHAT,
            new ModelName("chosen"),
            Set.of(),
            5,
            Duration.ofSeconds(30),
            Optional.empty(),
            false,
            0,
            "",
            "",
            work);
    return engine.start(task, new Ears());
  }

  private void good() {
    transport.answer().head(200, Map.of());
  }

  @Test
  void an_answer_becomes_deltas_then_done_then_a_free_slot() {
    start("m");
    good();
    transport.body("a");
    transport.body("bc$.");
    transport.answer().end();
    assertThat(heard).containsExactly("a", "b", "c", "usage", "done 321", "slot");
    assertThat(credits).isEqualTo(1);
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void the_engine_is_asked_for_the_chosen_model_in_json() {
    start("auto");
    var request = transport.request();
    assertThat(request.body().toString()).isEqualTo("chosen");
    assertThat(request.path()).isEqualTo("/letters");
    assertThat(request.headers()).containsEntry("content-type", "application/json");
  }

  @Test
  void an_answer_without_its_end_fails() {
    start("m");
    good();
    transport.body("a");
    transport.answer().end();
    assertThat(heard).containsExactly("a", "failed", "slot");
    assertThat(failures.getFirst().code()).isEqualTo(FailureCode.BROKEN_STREAM);
  }

  @Test
  void an_error_record_ends_the_exchange() {
    start("m");
    good();
    transport.body("a!b");
    transport.body("c.");
    transport.answer().end();
    assertThat(heard).containsExactly("a", "failed", "slot");
    assertThat(transport.told).containsExactly("cancel");
  }

  @Test
  void a_readers_bug_ends_one_attempt_only() {
    start("m");
    good();
    transport.body("a#");
    assertThat(failures.getFirst().code()).isEqualTo(FailureCode.INTERNAL);
    assertThat(transport.told).containsExactly("cancel");
    assertThat(credits).isEqualTo(1);
  }

  @Test
  void a_broken_transport_fails_the_attempt_as_it_says() {
    start("m");
    var broke = Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "gone");
    transport.answer().failed(broke);
    assertThat(failures).containsExactly(broke);
    assertThat(heard).containsExactly("failed", "slot");
    assertThat(transport.told).isEmpty();
  }

  @Test
  void a_refusal_is_read_by_the_dialect() {
    start("m");
    transport.answer().head(503, Map.of("retry-after", "7"));
    transport.body("busy");
    assertThat(heard).isEmpty();
    transport.answer().end();
    assertThat(failures.getFirst().message()).isEqualTo("7/4");
    assertThat(failures.getFirst().engineStatus()).isEqualTo(503);
  }

  @Test
  void a_refusal_that_does_not_end_is_cut_by_size() {
    start("m");
    transport.answer().head(500, Map.of());
    transport.body("x".repeat(10_000));
    transport.body("x".repeat(10_000));
    assertThat(failures.getFirst().message()).isEqualTo("/16384");
    assertThat(transport.told).containsExactly("cancel");
  }

  @Test
  void a_refusal_that_does_not_end_is_cut_by_time() {
    start("m");
    transport.answer().head(500, Map.of());
    transport.body("oh");
    time.advance(HttpEngine.REFUSAL_WITHIN);
    assertThat(failures.getFirst().message()).isEqualTo("/2");
    assertThat(transport.told).containsExactly("cancel");
  }

  @Test
  void a_refusal_that_breaks_off_is_still_a_refusal() {
    start("m");
    transport.answer().head(500, Map.of());
    transport
        .answer()
        .failed(Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "broke"));
    assertThat(failures.getFirst().code()).isEqualTo(FailureCode.ENGINE_ERROR);
    assertThat(credits).isEqualTo(1);
  }

  @Test
  void what_the_dialect_cannot_say_fails_after_start_has_returned() {
    start("unspeakable");
    assertThat(heard).isEmpty();
    time.advance(Duration.ZERO);
    assertThat(failures.getFirst().code()).isEqualTo(FailureCode.UNSUPPORTED);
    assertThat(heard).containsExactly("failed", "slot");
  }

  @Test
  void cancelling_ends_the_exchange_and_gives_the_slot_back_at_the_next_turn() {
    var attempt = start("m");
    good();
    attempt.cancel();
    attempt.cancel();
    assertThat(transport.told).containsExactly("cancel");
    assertThat(credits).isZero();
    time.advance(Duration.ZERO);
    assertThat(credits).isEqualTo(1);
    transport.body("a.");
    transport.answer().end();
    assertThat(heard).containsExactly("slot");
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void cancelling_from_within_an_event_tells_nothing_more() {
    cancelOnEvent = start("m");
    good();
    transport.body("abc");
    time.advance(Duration.ZERO);
    assertThat(heard).containsExactly("a", "slot");
  }

  @Test
  void cancelling_what_could_not_be_said_gives_the_slot_back_once() {
    start("unspeakable").cancel();
    time.advance(Duration.ofMinutes(1));
    assertThat(heard).containsExactly("slot");
    assertThat(credits).isEqualTo(1);
  }

  @Test
  void an_engine_that_falls_silent_has_stalled() {
    start("m");
    time.advance(Duration.ofMinutes(9));
    good();
    time.advance(Duration.ofMinutes(9));
    transport.body("a");
    time.advance(Duration.ofMinutes(9));
    assertThat(failures).isEmpty();
    time.advance(Duration.ofMinutes(2));
    assertThat(failures.getFirst().code()).isEqualTo(FailureCode.ENGINE_STALLED);
    assertThat(failures.getFirst().retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);
    assertThat(transport.told).containsExactly("cancel");
  }

  @Test
  void a_client_that_does_not_read_is_not_the_engines_silence() {
    var attempt = start("m");
    good();
    attempt.pause();
    time.advance(Duration.ofHours(2));
    assertThat(failures).isEmpty();
    attempt.resume();
    time.advance(Duration.ofMinutes(9));
    assertThat(failures).isEmpty();
    assertThat(transport.told).containsExactly("pause", "resume");
  }

  @Test
  void slots_of_a_tunnel_are_not_counted_here() {
    var tunnel = new HttpEngine(transport, new Letters(), Credits.BY_TRANSPORT, time);
    Work work = new Work.Residency("m", Dialect.OLLAMA, false, true, Optional.empty());
    var task =
        new Task<>(
            new TaskId("t-2"),
            TaskType.CHAT,
            new ModelName("m"),
            Set.of(),
            5,
            Duration.ZERO,
            Optional.empty(),
            false,
            0,
            "",
            "",
            work);
    tunnel.start(task, new Ears());
    good();
    transport.body(".");
    transport.answer().end();
    assertThat(heard).containsExactly("done 000");
    assertThat(credits).isZero();
  }
}
