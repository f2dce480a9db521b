package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.dialects.AnthropicEngine;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.OllamaEngine;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Task;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.ModelType;
import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Fault;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The whole room against simulated engines of every kind, over real sockets.
class PacedEnginesTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final String CHAT = "sim/chat";
  private static final String EMBED = "sim/embed";

  private final Vertx engines = Vertx.vertx();
  private final OwnerLoop loop = new OwnerLoop();
  private final AtomicInteger credits = new AtomicInteger();

  @AfterEach
  void close() {
    loop.close();
    engines.close().await();
  }

  private final class Credit implements Engine.SlotListener {
    @Override
    public void slotOpened() {
      credits.incrementAndGet();
    }

    @Override
    public void slotClosed() {
      credits.decrementAndGet();
    }
  }

  /// A simulated engine with everything of ours that speaks to it.
  private final class Line {
    final PacedEngine paced;
    final EngineAddress address;
    final DirectHttp transport;
    final CountedSlots slots = new CountedSlots(new Credit());
    final HttpEngine engine;

    Line(PaceProfile profile) {
      paced = PacedEngine.start(engines, profile).await();
      address = EngineAddress.parse(paced.url());
      transport = new DirectHttp(loop.vertx, address, "hub-1");
      engine =
          new HttpEngine(transport, dialect(profile.kind()), new Credits.Counted(slots), loop.time);
      loop.run(() -> slots.resize(profile.pace().slots()));
    }

    BackendFacts facts() {
      var prober = new Prober(loop.vertx, loop.time, "hub-1");
      Finding finding = loop.outcome(() -> prober.probe(transport, address));
      if (finding instanceof Finding.Found(BackendFacts facts)) {
        return facts;
      }
      throw new AssertionError("finding: " + finding + " (expected: an engine)");
    }

    Engine.Attempt start(Task<Work> task, Asked asked) {
      return loop.on(() -> {
        credits.decrementAndGet();
        return engine.start(task, asked);
      });
    }
  }

  private static PaceProfile profile(EngineKind kind) {
    return PaceProfile.of("test", kind, List.of(PacedModel.chat(CHAT), PacedModel.embed(EMBED)))
        .withPace(Pace.of(10_000, 2_000));
  }

  private static EngineDialect dialect(EngineKind kind) {
    return switch (kind) {
      case OLLAMA -> new OllamaEngine();
      case LLAMA_SERVER -> OpenAiEngine.of(OpenAiEngine.Flavour.LLAMA_SERVER);
      case VLLM -> OpenAiEngine.of(OpenAiEngine.Flavour.VLLM);
      case LM_STUDIO -> OpenAiEngine.of(OpenAiEngine.Flavour.LM_STUDIO);
      case OPENAI -> OpenAiEngine.of(OpenAiEngine.Flavour.GENERIC);
      case ANTHROPIC -> new AnthropicEngine();
    };
  }

  private static BackendKind known(EngineKind kind) {
    return switch (kind) {
      case OLLAMA -> BackendKind.OLLAMA;
      case LLAMA_SERVER -> BackendKind.LLAMA_SERVER;
      case VLLM -> BackendKind.VLLM;
      case LM_STUDIO -> BackendKind.LM_STUDIO;
      case OPENAI -> BackendKind.OPENAI;
      case ANTHROPIC -> BackendKind.ANTHROPIC;
    };
  }

  @ParameterizedTest
  @EnumSource
  void every_kind_is_recognised_as_simulated_with_its_models(EngineKind kind) {
    var facts = new Line(profile(kind)).facts();
    assertThat(facts.kind()).isEqualTo(known(kind));
    assertThat(facts.simulated()).isTrue();
    assertThat(facts.models())
        .extracting(model -> model.name().value())
        .containsExactlyInAnyOrder(CHAT, EMBED);
    var embedder =
        facts.models().stream()
            .filter(model -> model.name().equals(new ModelName(EMBED)))
            .findFirst()
            .orElseThrow();
    assertThat(embedder.type()).isEqualTo(ModelType.EMBEDDING);
    assertThat(embedder.can("embedding")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void every_kind_answers_a_chat_and_an_embedding(EngineKind kind) {
    var line = new Line(profile(kind));
    var chat = new Asked();
    line.start(Asked.chat(CHAT), chat);
    Eventually.until("the answer", SOON, chat::isOver);
    assertThat(chat.failure).isNull();
    assertThat(chat.text()).isNotBlank();
    assertThat(chat.deltas).anyMatch(Delta.Finish.class::isInstance);
    assertThat(chat.usage).matches(usage -> usage != null && usage.outputTokens() > 0);
    var vectors = new Asked();
    line.start(Asked.embedding(EMBED), vectors);
    Eventually.until("the vectors", SOON, vectors::isOver);
    if (kind == EngineKind.ANTHROPIC) {
      assertThat(vectors.failure().code()).isEqualTo(FailureCode.UNSUPPORTED);
    } else {
      assertThat(vectors.deltas)
          .anyMatch(delta -> delta instanceof Delta.Vectors(var rows) && rows.size() == 2);
    }
    Eventually.until("the slots", SOON, () -> credits.get() == line.slots.free());
    assertThat(line.slots.busy()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void cancelling_a_paused_endless_answer_frees_the_engine_at_once(EngineKind kind) {
    var line = new Line(profile(kind).endless());
    var asked = new Asked();
    var attempt = line.start(Asked.chat(CHAT), asked);
    Eventually.until("the first words", SOON, () -> !asked.text().isEmpty());
    loop.run(attempt::pause);
    loop.run(attempt::cancel);
    Eventually.until("the engine to be idle", AT_ONCE, () -> line.paced.stats().active() == 0);
    Eventually.until("the slot", AT_ONCE, () -> credits.get() == 1);
    assertThat(asked.ends).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA_SERVER", "ANTHROPIC"})
  void an_engine_that_counts_is_asked_in_its_own_words(EngineKind kind) {
    var line = new Line(profile(kind));
    var counted = new Asked();
    line.start(Asked.count(CHAT), counted);
    Eventually.until("the count", SOON, counted::isOver);
    assertThat(counted.failure).isNull();
    assertThat(counted.deltas)
        .singleElement()
        .matches(delta -> delta instanceof Delta.Counted(var tokens) && tokens > 0);
  }

  @Test
  void cancelling_long_after_a_pause_frees_the_engine_at_once() {
    var line = new Line(profile(EngineKind.OLLAMA).withPace(Pace.of(10_000, 200_000)).endless());
    var asked = new Asked();
    var attempt = line.start(Asked.chat(CHAT), asked);
    Eventually.until("the first words", SOON, () -> !asked.text().isEmpty());
    loop.run(attempt::pause);
    // Until the sockets are full and the engine itself stands still.
    long[] before = {-1};
    Eventually.until(
        "the engine to stand still",
        SOON,
        () -> {
          loop.on(() -> 0);
          waitALittle();
          long now = line.paced.stats().tokens();
          boolean still = now == before[0];
          before[0] = now;
          return still;
        });
    int heard = asked.deltas.size();
    loop.run(attempt::cancel);
    Eventually.until("the engine to be idle", AT_ONCE, () -> line.paced.stats().active() == 0);
    assertThat(asked.deltas).hasSize(heard);
  }

  private void waitALittle() {
    var later = new AtomicInteger();
    loop.run(() -> loop.time.after(Duration.ofMillis(150), later::incrementAndGet));
    Eventually.until(SOON, () -> later.get() > 0);
  }

  @ParameterizedTest
  @CsvSource({
    "refuse, ENGINE_UNREACHABLE, UNSAFE_MAY_HAVE_ACTED",
    "429, ENGINE_BUSY, SAFE_NOT_STARTED",
    "503, ENGINE_BUSY, SAFE_NOT_STARTED",
    "500, ENGINE_ERROR, ",
    "error-200, ENGINE_ERROR, ",
    "cut-after=3, BROKEN_STREAM, UNSAFE_MAY_HAVE_ACTED",
    "garbage-after=3, , ",
    "error-after=3, , ",
    "clean-end-after=3, BROKEN_STREAM, UNSAFE_MAY_HAVE_ACTED",
    "wrong-length, BROKEN_STREAM, UNSAFE_MAY_HAVE_ACTED",
  })
  void every_fault_is_one_failure_and_the_slot_comes_back(
      String fault, FailureCode code, Retry retry) {
    for (EngineKind kind :
        List.of(EngineKind.OLLAMA, EngineKind.LLAMA_SERVER, EngineKind.ANTHROPIC)) {
      credits.set(0);
      var line = new Line(profile(kind));
      line.paced.breakNext(Fault.parse(fault), 1);
      var asked = new Asked();
      line.start(Asked.chat(CHAT), asked);
      Eventually.until(fault + " on " + kind, SOON, asked::isOver);
      Failure failure = asked.failure();
      if (code != null) {
        assertThat(failure.code()).as(kind + " " + failure).isEqualTo(code);
      }
      if (retry != null) {
        assertThat(failure.retry()).as(kind + " " + failure).isEqualTo(retry);
      }
      Eventually.until("the slot", AT_ONCE, () -> credits.get() == 1);
      assertThat(asked.ends).hasValue(1);
      Eventually.until("the engine to be idle", SOON, () -> line.paced.stats().active() == 0);
    }
  }

  @Test
  void a_model_that_is_loaded_or_unloaded_is_seen_within_two_seconds() {
    var line = new Line(profile(EngineKind.OLLAMA));
    var seen = new ArrayList<BackendFacts>();
    var watcher = watcher(line, seen, new AtomicInteger());
    loop.run(watcher::start);
    Eventually.until("the first facts", SOON, () -> lastIs(seen, facts -> true));
    for (boolean loaded : new boolean[] {true, false}) {
      if (loaded) {
        line.paced.load(new ModelName(CHAT));
      } else {
        line.paced.unload(new ModelName(CHAT));
      }
      Eventually.until(
          "loaded: " + loaded,
          Duration.ofSeconds(2),
          () -> lastIs(seen, facts -> resident(facts) == loaded));
    }
    loop.run(watcher::stop);
  }

  private static boolean resident(BackendFacts facts) {
    return facts.models().stream()
        .anyMatch(model -> model.name().equals(new ModelName(CHAT)) && model.loaded().resident());
  }

  private boolean lastIs(List<BackendFacts> seen, Predicate<BackendFacts> test) {
    return loop.on(() -> !seen.isEmpty() && test.test(seen.getLast()));
  }

  private Watcher watcher(Line line, List<BackendFacts> seen, AtomicInteger failures) {
    return new Watcher(
        loop.time,
        new Prober(loop.vertx, loop.time, "hub-1"),
        line.transport,
        line.address,
        new Watcher.Listener() {
          @Override
          public void facts(BackendFacts facts) {
            failures.set(0);
            seen.add(facts);
          }

          @Override
          public void alive() {
            failures.set(0);
          }

          @Override
          public void failed(Failure failure) {
            failures.incrementAndGet();
          }
        });
  }

  @Test
  void an_engine_that_dies_and_returns_is_noticed_both_times() {
    var line = new Line(profile(EngineKind.OLLAMA));
    var seen = new ArrayList<BackendFacts>();
    var failures = new AtomicInteger();
    var watcher = watcher(line, seen, failures);
    loop.run(watcher::start);
    Eventually.until("the first facts", SOON, () -> lastIs(seen, facts -> true));
    line.paced.close().await();
    Eventually.until("the death", Duration.ofSeconds(2), () -> failures.get() > 0);
    var again =
        PacedEngine.start(engines, profile(EngineKind.OLLAMA), "127.0.0.1", line.address.port())
            .await();
    Eventually.until("the return", Duration.ofSeconds(2), () -> failures.get() == 0);
    loop.run(watcher::stop);
    again.close().await();
  }
}
