package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.ModelType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What a prober makes of engines that are slow, have much to say, or mean harm.
class HostileAnswersTest extends Probing {
  // ---- what is asked

  @Test
  void models_are_shown_a_few_at_a_time_and_once_per_digest() {
    var tags = new StringBuilder("{\"models\":[");
    for (int i = 0; i < 40; i++) {
      tags.append(i == 0 ? "" : ",")
          .append("{\"name\":\"m")
          .append(i)
          .append("\",\"digest\":\"d")
          .append(i)
          .append("\"}");
    }
    var answers = ollama(tags.append("]}").toString(), EMPTY_PS);
    var now = new AtomicInteger();
    var most = new AtomicInteger();
    var shows = new AtomicInteger();
    try (var server =
        new StubServer((request, out) -> {
          if (request.path().equals("/api/show")) {
            shows.incrementAndGet();
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
            now.decrementAndGet();
            StubServer.reply(out, 200, Map.of(), "{\"capabilities\":[\"completion\"]}");
          } else {
            String body = answers.get(request.method() + " " + request.path());
            StubServer.reply(out, 200, Map.of(), Optional.ofNullable(body).orElse("?"));
          }
          return true;
        })) {
      assertThat(found(probe(server)).models())
          .hasSize(40)
          .allMatch(model -> model.capabilities().equals(java.util.List.of("completion")));
      assertThat(most.get()).isBetween(2, Prober.MAX_SHOWS_AT_A_TIME);
      found(probe(server));
      assertThat(shows).hasValue(40);
    }
  }

  @Test
  void what_show_does_not_tell_in_time_is_left_out() {
    var answers = ollama("{\"models\":[{\"name\":\"codellama\",\"digest\":\"d\"}]}", EMPTY_PS);
    try (var server =
        new StubServer((request, out) -> {
          String body = answers.get(request.method() + " " + request.path());
          if (body != null) {
            StubServer.reply(out, 200, Map.of(), body);
          }
          return true;
        })) {
      assertThat(model(found(probe(server)), "codellama").type()).isEqualTo(ModelType.CODE);
    }
  }

  // ---- hostile answers

  @Test
  void ten_megabytes_of_models_are_refused() {
    var huge = "{\"models\":[{\"name\":\"" + "x".repeat(10 * 1024 * 1024) + "\"}]}";
    assertThat(unavailable(probe(ollama(huge, EMPTY_PS), Map.of())).code())
        .isEqualTo(FailureCode.ENGINE_ERROR);
  }

  @Test
  void json_of_any_depth_or_length_is_refused_and_not_parsed() {
    var deep = "{\"models\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    var dense = "{\"models\":[" + "[],".repeat(1_000_000) + "[]]}";
    var notANumber = "{\"models\":" + "9".repeat(3_000_000) + "}";
    for (String hostile : java.util.List.of(deep, dense, notANumber, "[]", "{", "null", "")) {
      assertThat(unavailable(probe(ollama(hostile, EMPTY_PS), Map.of())).code())
          .isEqualTo(FailureCode.ENGINE_ERROR);
    }
  }

  @Test
  void more_models_than_are_remembered_are_cut() {
    var tags = new StringBuilder("{\"data\":[{\"id\":\"first\"}");
    for (int i = 0; i < 5_000; i++) {
      tags.append(",{\"id\":\"m").append(i).append("\"}");
    }
    assertThat(facts(Map.of("GET /v1/models", tags.append("]}").toString())).models())
        .hasSize(BackendFacts.MAX_MODELS);
  }

  @Test
  void fields_of_a_wrong_type_are_as_if_they_were_not_there() {
    var tags =
        """
        {"models":[7,null,[],{"name":7},{"name":""},{"name":"bad\\u0000name"},
         {"name":"ok","size":"big","digest":[],"details":"none","capabilities":{"a":1},
          "modified_at":9e99},
         {"name":"minus","size":-5,"details":{"context_length":99999999999,"family":"a\\u001bb"}}]}\
        """;
    var facts = facts(ollama(tags, "{\"models\":{\"name\":\"ok\"}}"));
    assertThat(facts.models()).hasSize(2);
    assertThat(model(facts, "ok").size().isKnown()).isFalse();
    assertThat(model(facts, "minus").contextTokens()).isZero();
    assertThat(model(facts, "minus").details()).containsEntry("family", "ab");
  }

  @Test
  void a_body_that_never_ends_is_given_up() {
    long start = System.nanoTime();
    try (var server =
        new StubServer((_, out) -> {
          write(out, "HTTP/1.1 200 x\r\n\r\n{\"version\":\"");
          while (true) {
            write(out, "x");
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
          }
        })) {
      assertThat(unavailable(probe(server)).code()).isEqualTo(FailureCode.ENGINE_STALLED);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isLessThan(Prober.REQUEST_WITHIN.plusSeconds(2));
    }
  }

  @Test
  void an_engine_slow_at_every_question_is_given_up_in_all() {
    var answers = ollama("{\"models\":[]}", EMPTY_PS);
    long start = System.nanoTime();
    try (var server =
        new StubServer((request, out) -> {
          java.util.concurrent.locks.LockSupport.parkNanos(1_700_000_000);
          String body = answers.get(request.method() + " " + request.path());
          StubServer.reply(out, 200, Map.of(), Optional.ofNullable(body).orElse("?"));
          return true;
        })) {
      assertThat(unavailable(probe(server)).code()).isEqualTo(FailureCode.ENGINE_STALLED);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofSeconds(4), Prober.PROBE_WITHIN.plusSeconds(1));
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
