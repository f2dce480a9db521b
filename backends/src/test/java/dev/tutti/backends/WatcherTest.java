package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.fleet.BackendFacts;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatcherTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Vertx vertx = Vertx.vertx();
  private final SimulatedTime time = new SimulatedTime();
  private final PlayedEngine engine = new PlayedEngine();
  private final List<String> heard = new ArrayList<>();
  private final List<BackendFacts> told = new ArrayList<>();
  private final Watcher watcher =
      new Watcher(
          time,
          new Prober(vertx, time, "hub-1"),
          engine,
          EngineAddress.loopback(11434),
          new Ears());

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private final class Ears implements Watcher.Listener {
    @Override
    public void facts(BackendFacts facts) {
      heard.add("facts");
      told.add(facts);
    }

    @Override
    public void alive() {
      heard.add("alive");
    }

    @Override
    public void failed(Failure failure) {
      heard.add(failure.code().name());
    }

    @Override
    public void quiet() {
      heard.add("quiet");
    }
  }

  /// An Ollama or a llama-server that answers at the next turn, or is silent, or gone.
  private final class PlayedEngine implements Transport {
    final Map<String, String> answers = new HashMap<>();
    final List<String> asked = new ArrayList<>();
    int open;
    int mostOpen;
    boolean gone;
    boolean silent;

    PlayedEngine() {
      playOllama("{\"models\":[]}");
    }

    void playOllama(String ps) {
      answers.clear();
      answers.put("GET /api/version", "{\"version\":\"1\"}");
      answers.put("GET /", "Ollama is running");
      answers.put("HEAD /", "");
      answers.put(
          "GET /api/tags",
          "{\"models\":[{\"name\":\"m\",\"capabilities\":[\"completion\"],"
              + "\"details\":{\"context_length\":1}}]}");
      answers.put("GET /api/ps", ps);
    }

    void playLlamaServer() {
      answers.clear();
      answers.put("GET /health", "{}");
      answers.put("GET /v1/models", "{\"data\":[{\"id\":\"l\",\"owned_by\":\"llamacpp\"}]}");
      answers.put("GET /props", "{\"media_marker\":\"1\"}");
    }

    @Override
    public Exchange send(Request request, Listener listener) {
      String question = request.method() + " " + request.path();
      asked.add(question);
      open++;
      mostOpen = Math.max(mostOpen, open);
      boolean[] over = new boolean[1];
      BooleanSupplier finish =
          () -> {
            if (over[0]) {
              return false;
            }
            over[0] = true;
            open--;
            return true;
          };
      if (!silent) {
        time.after(
            Duration.ZERO,
            () -> {
              if (finish.getAsBoolean()) {
                answer(question, listener);
              }
            });
      }
      return new Exchange() {
        @Override
        public void cancel() {
          var _ = finish.getAsBoolean();
        }

        @Override
        public void pause() {
          throw new AssertionError("paused (expected: small answers are taken as they come)");
        }

        @Override
        public void resume() {
          throw new AssertionError("resumed (expected: never paused)");
        }
      };
    }

    private void answer(String question, Listener listener) {
      if (gone) {
        listener.failed(Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "gone"));
        return;
      }
      String body = answers.get(question);
      listener.head(body == null ? 404 : 200, Map.of());
      listener.chunk(Buffer.buffer(body == null ? "?" : body));
      listener.end();
    }
  }

  private void advance(Duration step) {
    for (Duration left = step; left.isPositive(); left = left.minusMillis(100)) {
      time.advance(Duration.ofMillis(100));
    }
  }

  private long heardSince(int from, String word) {
    return heard.subList(from, heard.size()).stream().filter(word::equals).count();
  }

  @Test
  void facts_are_told_at_once_and_health_each_second() {
    watcher.start();
    time.runDue();
    assertThat(heard).containsExactly("facts");
    advance(Duration.ofSeconds(10));
    assertThat(heardSince(0, "alive")).isBetween(9L, 10L);
    assertThat(heard).containsOnly("facts", "alive");
  }

  @Test
  void a_model_that_is_loaded_or_unloaded_is_seen_within_two_seconds() {
    watcher.start();
    advance(Duration.ofMillis(3_100));
    for (boolean loaded : new boolean[] {true, false, true}) {
      engine.playOllama(loaded ? "{\"models\":[{\"name\":\"m\"}]}" : "{\"models\":[]}");
      advance(Duration.ofSeconds(2));
      assertThat(told.getLast().models().getFirst().loaded().resident()).isEqualTo(loaded);
    }
  }

  @Test
  void an_engine_whose_models_never_change_is_asked_seldom() {
    engine.playLlamaServer();
    watcher.start();
    advance(Duration.ofSeconds(30));
    assertThat(told).hasSizeBetween(3, 4);
    assertThat(heardSince(0, "alive")).isGreaterThan(27);
  }

  @Test
  void an_engine_that_goes_is_told_within_a_second_and_its_return_too() {
    watcher.start();
    advance(Duration.ofSeconds(3));
    int before = heard.size();
    engine.gone = true;
    advance(SECOND);
    assertThat(heard.subList(before, heard.size())).contains("ENGINE_UNREACHABLE");
    advance(Duration.ofSeconds(20));
    assertThat(heardSince(before, "ENGINE_UNREACHABLE")).isBetween(22L, 25L);
    int down = heard.size();
    engine.gone = false;
    engine.playLlamaServer();
    advance(SECOND);
    assertThat(heard.get(down)).isEqualTo("facts");
    assertThat(heard.subList(down + 1, heard.size())).isSubsetOf("alive");
    assertThat(told.getLast().models().getFirst().name().value()).isEqualTo("l");
    advance(Duration.ofSeconds(3));
    assertThat(heardSince(down, "alive")).isBetween(3L, 6L);
  }

  @Test
  void a_silent_engine_is_told_again_and_again_and_never_asked_twice_at_a_time() {
    watcher.start();
    advance(SECOND);
    engine.silent = true;
    int before = heard.size();
    engine.mostOpen = 0;
    advance(Duration.ofSeconds(30));
    assertThat(heardSince(before, "ENGINE_STALLED")).isBetween(9L, 16L);
    assertThat(engine.mostOpen).isLessThanOrEqualTo(2);
    engine.silent = false;
    int silent = heard.size();
    advance(Duration.ofSeconds(3));
    assertThat(heard.subList(silent, heard.size())).contains("facts");
  }

  @Test
  void an_engine_that_refuses_is_asked_three_times_within_a_second() {
    watcher.start();
    advance(Duration.ofSeconds(3));
    engine.gone = true;
    int before = heard.size();
    while (heardSince(before, "ENGINE_UNREACHABLE") == 0) {
      advance(Duration.ofMillis(100));
    }
    advance(SECOND);
    assertThat(heardSince(before, "ENGINE_UNREACHABLE")).isGreaterThanOrEqualTo(3);
  }

  @Test
  void one_that_others_doubt_is_asked_at_once() {
    watcher.start();
    advance(Duration.ofMillis(3_100));
    int asked = engine.asked.size();
    watcher.hurry();
    watcher.hurry();
    assertThat(engine.asked).hasSize(asked + 1);
    advance(SECOND);
    assertThat(engine.asked.size() - asked).isGreaterThanOrEqualTo(3);
  }

  @Test
  void an_engine_that_owes_an_answer_is_told_to_be_quiet_before_it_is_given_up() {
    engine.playLlamaServer();
    watcher.start();
    advance(Duration.ofMillis(1_100));
    engine.silent = true;
    advance(Duration.ofMillis(2_500));
    assertThat(heard).contains("quiet").doesNotContain("ENGINE_STALLED");
    advance(SECOND);
    assertThat(heard).contains("ENGINE_STALLED");
  }

  @Test
  void a_web_server_in_the_engines_place_is_a_failure() {
    watcher.start();
    advance(SECOND);
    engine.answers.clear();
    int before = heard.size();
    advance(Duration.ofSeconds(5));
    assertThat(heard.subList(before, heard.size())).containsOnly("ENGINE_ERROR");
  }

  @Test
  void after_stop_nothing_is_asked_or_told() {
    watcher.start();
    advance(Duration.ofMillis(2_950));
    watcher.stop();
    int heardBefore = heard.size();
    int askedBefore = engine.asked.size();
    advance(Duration.ofSeconds(10));
    assertThat(heard).hasSize(heardBefore);
    assertThat(engine.asked).hasSize(askedBefore);
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void stopping_in_the_midst_of_a_question_tells_nothing() {
    watcher.start();
    watcher.stop();
    advance(Duration.ofSeconds(5));
    assertThat(heard).isEmpty();
  }
}
