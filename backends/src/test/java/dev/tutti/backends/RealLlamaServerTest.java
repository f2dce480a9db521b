package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.FaultProxy;
import dev.tutti.testkit.LlamaServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a real llama-server with the self-test model; skipped where there is none.
class RealLlamaServerTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private static Path folder;
  private static LlamaServer.Binary binary;
  private static Path model;

  private final OwnerLoop loop = new OwnerLoop();

  @BeforeAll
  static void find() {
    binary = LlamaServer.require();
    model = folder.resolve("chain.gguf");
    ChainModel.write(model, ChainModel.Pace.LONG);
  }

  @AfterEach
  void close() {
    loop.close();
  }

  private BackendFacts facts(EngineAddress address) {
    var prober = new Prober(loop.vertx, loop.time, "hub-1");
    var transport = new DirectHttp(loop.vertx, address, "hub-1");
    Finding finding = loop.outcome(() -> prober.probe(transport, address));
    if (finding instanceof Finding.Found(BackendFacts facts)) {
      return facts;
    }
    throw new AssertionError("finding: " + finding + " (expected: an engine)");
  }

  private HttpEngine engine(DirectHttp transport) {
    return new HttpEngine(
        transport,
        OpenAiEngine.of(OpenAiEngine.Flavour.LLAMA_SERVER),
        Credits.BY_TRANSPORT,
        loop.time);
  }

  @Test
  void a_real_one_is_recognised_with_its_slots_and_context() {
    try (var server = LlamaServer.start(binary, model, 2)) {
      var facts = facts(EngineAddress.parse(server.url()));
      assertThat(facts.kind()).isEqualTo(BackendKind.LLAMA_SERVER);
      assertThat(facts.slots()).isEqualTo(2);
      assertThat(facts.version()).isNotEmpty();
      assertThat(facts.simulated()).isFalse();
      assertThat(facts.models()).hasSize(1);
      var chain = facts.models().getFirst();
      assertThat(chain.capabilities()).contains("completion", "tools").doesNotContain("embedding");
      assertThat(chain.loaded().resident()).isTrue();
      assertThat(chain.contextTokens()).isPositive();
      assertThat(chain.size().isKnown()).isTrue();
    }
  }

  @Test
  void a_real_one_that_embeds_is_recognised_and_embeds() {
    try (var server = LlamaServer.start(binary, model, 1, "--embeddings", "--pooling", "mean")) {
      var address = EngineAddress.parse(server.url());
      assertThat(facts(address).models().getFirst().capabilities()).contains("embedding");
      var transport = new DirectHttp(loop.vertx, address, "hub-1");
      var asked = new Asked();
      loop.run(() -> engine(transport).start(Asked.embedding("chain"), asked));
      Eventually.until("the vectors", SOON, asked::isOver);
      assertThat(asked.failure).isNull();
      assertThat(asked.deltas)
          .anyMatch(delta -> delta instanceof Delta.Vectors(var rows) && rows.size() == 2);
    }
  }

  @Test
  @DisplayName("T37 a real one counts the tokens of a prompt as it does when it reads it")
  void a_real_one_counts_tokens() {
    try (var server = LlamaServer.start(binary, model, 1, "-n", "4")) {
      var transport = new DirectHttp(loop.vertx, EngineAddress.parse(server.url()), "hub-1");
      var counted = new Asked();
      loop.run(() -> engine(transport).start(Asked.count("chain"), counted));
      Eventually.until("the count", SOON, counted::isOver);
      assertThat(counted.failure).isNull();
      var chat = new Asked();
      loop.run(() -> engine(transport).start(Asked.chat("chain"), chat));
      Eventually.until("the answer", SOON, chat::isOver);
      var usage = Objects.requireNonNull(chat.usage);
      assertThat(counted.deltas).containsExactly(new Delta.Counted(usage.promptTokens()));
    }
  }

  @Test
  void cancelling_frees_a_real_ones_slot_at_once() {
    try (var server = LlamaServer.start(binary, model, 1)) {
      var transport = new DirectHttp(loop.vertx, EngineAddress.parse(server.url()), "hub-1");
      var asked = new Asked();
      var attempt = loop.on(() -> engine(transport).start(Asked.chat("chain"), asked));
      Eventually.until("the first words", SOON, () -> !asked.text().isEmpty());
      loop.run(attempt::pause);
      loop.run(attempt::cancel);
      Eventually.until("the slot", Duration.ofSeconds(1), () -> !isProcessing(transport));
      assertThat(asked.ends).hasValue(0);
    }
  }

  private boolean isProcessing(DirectHttp transport) {
    Question.Answer answer =
        loop.outcome(() ->
            Question.ask(
                transport,
                loop.time,
                Prober.request("GET", "/slots"),
                EngineJson.MAX_BYTES,
                Question.Excess.REFUSE,
                SOON));
    return answer.body().toString().contains("\"is_processing\":true");
  }

  @Test
  void an_answer_cut_on_its_way_is_a_broken_stream_and_a_dead_cable_is_noticed() {
    try (var server = LlamaServer.start(binary, model, 1);
        var cable = FaultProxy.to("127.0.0.1", server.port())) {
      var address = EngineAddress.parse(cable.url());
      var transport = new DirectHttp(loop.vertx, address, "hub-1");
      var asked = new Asked();
      loop.run(() -> engine(transport).start(Asked.chat("chain"), asked));
      Eventually.until("the first words", SOON, () -> !asked.text().isEmpty());
      cable.cutAll();
      Eventually.until("the failure", SOON, asked::isOver);
      assertThat(asked.failure().code()).isEqualTo(FailureCode.BROKEN_STREAM);
      assertThat(asked.failure().retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);

      var facts = new AtomicInteger();
      var failures = new AtomicInteger();
      var watcher = watcher(transport, address, facts, failures);
      loop.run(watcher::start);
      Eventually.until("the facts", SOON, () -> facts.get() == 1);
      cable.set(new FaultProxy.Mode.Hang());
      Eventually.until("the silence", SOON, () -> failures.get() >= 2);
      int before = facts.get();
      cable.set(new FaultProxy.Mode.Pass());
      Eventually.until("the return", Duration.ofSeconds(5), () -> facts.get() > before);
      loop.run(watcher::stop);
    }
  }

  private Watcher watcher(
      DirectHttp transport, EngineAddress address, AtomicInteger facts, AtomicInteger failures) {
    return new Watcher(
        loop.time,
        new Prober(loop.vertx, loop.time, "hub-1"),
        transport,
        address,
        new Watcher.Listener() {
          @Override
          public void facts(BackendFacts told) {
            facts.incrementAndGet();
          }

          @Override
          public void alive() {
            // Nothing new.
          }

          @Override
          public void failed(Failure failure) {
            failures.incrementAndGet();
          }
        });
  }
}
