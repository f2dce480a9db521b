package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.OllamaEngine;
import dev.tutti.dialects.OllamaRequests;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who holds what in memory, against simulated engines over real sockets.
class ModelMemoryTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String CHAT = "sim/chat";
  private static final ModelName MODEL = new ModelName(CHAT);
  private static final int SLOTS = 4;

  private final Vertx engines = Vertx.vertx();
  private final OwnerLoop loop = new OwnerLoop();
  private volatile BackendFacts facts = BackendFacts.NONE;
  private volatile LoadRule rule = LoadRule.NONE;
  private long ids;

  @AfterEach
  void close() {
    loop.close();
    engines.close().await();
  }

  private PacedEngine paced(EngineKind kind) {
    var models = new ArrayList<PacedModel>();
    models.add(PacedModel.chat(CHAT));
    if (kind == EngineKind.OLLAMA) {
      models.add(PacedModel.embed("sim/embed"));
    }
    return PacedEngine.start(
            engines,
            PaceProfile.of("test", kind, models)
                .withPace(Pace.of(10_000, 2_000).withSlots(SLOTS).withLoad(Duration.ofMillis(20)))
                .withAnswerTokens(5))
        .await();
  }

  private static final class NoSlots implements Engine.SlotListener {
    @Override
    public void slotOpened() {}

    @Override
    public void slotClosed() {}
  }

  private Optional<ModelFacts> factsOf(ModelName name) {
    return facts.models().stream().filter(model -> model.name().equals(name)).findFirst();
  }

  private HttpEngine ollama(DirectHttp transport) {
    var slots = new CountedSlots(new NoSlots());
    loop.run(() -> slots.resize(SLOTS));
    return new HttpEngine(
        transport,
        new OllamaEngine(),
        new Credits.Counted(slots),
        loop.time,
        new OllamaMemory(this::factsOf, _ -> rule, loop.time));
  }

  private DirectHttp transport(PacedEngine paced) {
    return new DirectHttp(loop.vertx, EngineAddress.parse(paced.url()), "hub-1");
  }

  private void look(PacedEngine paced, DirectHttp transport) {
    var prober = new Prober(loop.vertx, loop.time, "hub-1");
    Finding finding = loop.outcome(() -> prober.probe(transport, EngineAddress.parse(paced.url())));
    if (finding instanceof Finding.Found(BackendFacts found)) {
      facts = found;
    }
  }

  private Task<Work> task(Work work) {
    return new Task<>(
        new TaskId("t-" + ids++),
        work instanceof Work.Embedding ? TaskType.EMBED : TaskType.CHAT,
        new ModelName(work.model()),
        Set.of(),
        5,
        Duration.ZERO,
        Optional.empty(),
        false,
        0,
        "",
        "",
        work);
  }

  private static Work chat(String more) {
    String body =
        "{\"model\":\""
            + CHAT
            + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello?\"}]"
            + (more.isEmpty() ? "" : "," + more)
            + "}";
    return OllamaRequests.chat(body.getBytes(StandardCharsets.UTF_8)).work();
  }

  private static Work empty(String more) {
    String body = "{\"model\":\"" + CHAT + "\"," + more + "}";
    return OllamaRequests.generate(body.getBytes(StandardCharsets.UTF_8)).work();
  }

  private static String context(int tokens) {
    return "\"options\":{\"num_ctx\":" + tokens + "}";
  }

  /// Starts a piece of work; what is said of it beforehand is noted.
  private Asked start(HttpEngine engine, Work work, List<String> whys) {
    var asked = new Asked();
    var task = task(work);
    loop.run(() -> {
      whys.add(engine.terms(task));
      engine.start(task, asked);
    });
    return asked;
  }

  private void finish(HttpEngine engine, Work work, List<String> whys) {
    Asked asked = start(engine, work, whys);
    Eventually.until("the answer", SOON, asked::isOver);
    assertThat(asked.failure).isNull();
  }

  @Test
  void clients_of_different_opinions_cost_no_more_loads_than_raises() {
    var paced = paced(EngineKind.OLLAMA);
    var transport = transport(paced);
    var engine = ollama(transport);
    look(paced, transport);
    var random = new SplittableRandom(11);
    int[] contexts = {0, 512, 2_048, 4_096, 6_000, 8_192, 16_384, 32_768, 99_999};
    var whys = new ArrayList<String>();
    finish(engine, chat(""), whys);
    look(paced, transport);
    for (int round = 0; round < 25; round++) {
      var asked = new ArrayList<Asked>();
      for (int i = 0; i < SLOTS; i++) {
        int wish = contexts[random.nextInt(contexts.length)];
        String others = random.nextBoolean() ? "" : ",\"num_gpu\":" + random.nextInt(3);
        String more =
            wish == 0 ? "" : "\"options\":{\"num_ctx\":" + wish + others + "},\"keep_alive\":0";
        asked.add(start(engine, chat(more), whys));
      }
      Eventually.until("the answers", SOON, () -> asked.stream().allMatch(Asked::isOver));
      assertThat(asked).allMatch(each -> each.failure == null);
      if (random.nextInt(3) == 0) {
        look(paced, transport);
      }
    }
    long raises = whys.stream().filter(why -> why.contains("raised")).count();
    assertThat(raises).isBetween(1L, 5L);
    assertThat(paced.stats().loads()).isEqualTo(1 + raises);
    look(paced, transport);
    assertThat(factsOf(MODEL).orElseThrow().loaded().contextTokens()).isEqualTo(32_768);
  }

  @Test
  void a_model_that_others_loaded_with_another_context_is_not_loaded_anew() {
    var paced = paced(EngineKind.OLLAMA);
    var transport = transport(paced);
    // Somebody else, who does not come through us.
    finish(
        new HttpEngine(transport, new OllamaEngine(), counted(), loop.time),
        chat(context(12_000)),
        new ArrayList<>());
    look(paced, transport);
    var engine = ollama(transport);
    var whys = new ArrayList<String>();
    finish(engine, chat(""), whys);
    finish(engine, chat(context(4_096)), whys);
    var openAi = new Asked();
    loop.run(() -> engine.start(Asked.chat(CHAT), openAi));
    Eventually.until("the answer", SOON, openAi::isOver);
    assertThat(openAi.failure).isNull();
    assertThat(paced.stats().loads()).isEqualTo(1);
    assertThat(whys.get(1)).isEqualTo("context 12000 as loaded, not 4096");
  }

  private Credits counted() {
    return new Credits.Counted(new CountedSlots(new NoSlots()));
  }

  @Test
  void an_embedding_and_an_openai_client_keep_the_loaded_context_too() {
    var paced = paced(EngineKind.OLLAMA);
    var transport = transport(paced);
    var engine = ollama(transport);
    look(paced, transport);
    String load = "{\"model\":\"sim/embed\",\"input\":\"a\",\"options\":{\"num_ctx\":9000}}";
    Work first = OllamaRequests.embed(load.getBytes(StandardCharsets.UTF_8)).work();
    var whys = new ArrayList<String>();
    finish(engine, first, whys);
    var asked = new Asked();
    loop.run(() -> engine.start(Asked.embedding("sim/embed"), asked));
    Eventually.until("the vectors", SOON, asked::isOver);
    assertThat(asked.failure).isNull();
    assertThat(paced.stats().loads()).isEqualTo(1);
  }

  @Test
  void the_empty_request_loads_with_its_context_and_unloading_forgets() {
    var paced = paced(EngineKind.OLLAMA);
    var transport = transport(paced);
    var engine = ollama(transport);
    look(paced, transport);
    var whys = new ArrayList<String>();
    finish(engine, empty(context(16_384) + ",\"keep_alive\":-1"), whys);
    look(paced, transport);
    assertThat(factsOf(MODEL).orElseThrow().loaded().contextTokens()).isEqualTo(16_384);
    finish(engine, chat("\"keep_alive\":0"), whys);
    assertThat(whys.getLast()).isEqualTo("context 16384 as loaded, kept for ever");
    look(paced, transport);
    assertThat(factsOf(MODEL).orElseThrow().loaded().resident()).isTrue();
    finish(engine, empty("\"keep_alive\":0"), whys);
    // The facts are still those from before.
    finish(engine, chat(""), whys);
    look(paced, transport);
    assertThat(factsOf(MODEL).orElseThrow().loaded().contextTokens()).isEqualTo(4_096);
  }

  @Test
  void the_settings_decide_where_they_say_something() {
    rule = new LoadRule(OptionalInt.of(8_192), Optional.of(Duration.ofHours(2)));
    var paced = paced(EngineKind.OLLAMA);
    var transport = transport(paced);
    var engine = ollama(transport);
    look(paced, transport);
    var whys = new ArrayList<String>();
    finish(engine, chat(context(32_768)), whys);
    finish(engine, chat(""), whys);
    assertThat(whys.getFirst()).isEqualTo("context 8192 by the settings, not 32768");
    assertThat(paced.stats().loads()).isEqualTo(1);
    look(paced, transport);
    assertThat(factsOf(MODEL).orElseThrow().loaded().contextTokens()).isEqualTo(8_192);
  }

  @Test
  void more_than_a_fixed_context_is_refused_before_work_with_both_figures() {
    var paced = paced(EngineKind.LLAMA_SERVER);
    var transport = transport(paced);
    // It loads its model first and says "busy" until then.
    Eventually.until(
        "the model is loaded",
        SOON,
        () -> {
          look(paced, transport);
          return factsOf(MODEL).isPresent();
        });
    var engine =
        new HttpEngine(
            transport,
            OpenAiEngine.of(OpenAiEngine.Flavour.LLAMA_SERVER),
            counted(),
            loop.time,
            new FixedMemory(this::factsOf));
    Asked asked = start(engine, chat(context(100_000)), new ArrayList<>());
    Eventually.until("the refusal", SOON, asked::isOver);
    assertThat(asked.failure().code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(asked.failure().message()).contains("100000").contains("32768");
    assertThat(paced.stats().completed()).isZero();
    finish(engine, chat(context(2_048)), new ArrayList<>());
  }
}
