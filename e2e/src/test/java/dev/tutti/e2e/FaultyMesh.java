package dev.tutti.e2e;

import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Fault;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.FaultProxy;
import dev.tutti.testkit.TuttiProcess;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// One engine for each trouble and each dialect of engines, each with a model that is named after
/// both, and two hubs in front of them: one that has only these engines, and one that has a sound
/// engine with the same models besides. A request chooses its trouble by its model.
final class FaultyMesh implements AutoCloseable {
  private static final int SLOTS = 64;
  private static final int ANSWER_TOKENS = 12;
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(60);
  private static final String QUESTION = "What is the answer?";

  private static final String SETTINGS =
      """
      discover: false
      node-name: here
      # Servers of Anthropic's API count as cloud, where nothing is begun twice, unless told.
      workers: { here: { cloud: false } }
      strategy: echo
      queue: { ttl: 5s }
      silence: { first: 3s, between: 3s }
      backends:
      """;

  /// What goes wrong with an engine.
  enum Trouble {
    REFUSE("none", true),
    RESET("reset", true),
    BUSY_503("503", true),
    BUSY_429("429", true),
    HTML_502("502", true),
    ERROR_200("error-200", true),
    STALL_FIRST("stall-after=0", true),
    STALL_MID("stall-after=3", false),
    CUT_MID("cut-after=3", false),
    CLEAN_END_MID("clean-end-after=3", false),
    GARBAGE_MID("garbage-after=3", false),
    ERROR_MID("error-after=3", false);

    private final String fault;
    private final boolean early;

    Trouble(String fault, boolean early) {
      this.fault = fault;
      this.early = early;
    }

    /// Whether it comes before the first word of an answer.
    boolean isEarly() {
      return early;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// What an engine speaks.
  enum Spoken {
    OLLAMA(EngineKind.OLLAMA),
    OPENAI(EngineKind.OPENAI),
    ANTHROPIC(EngineKind.ANTHROPIC);

    private final EngineKind kind;

    Spoken(EngineKind kind) {
      this.kind = kind;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private record Broken(Trouble trouble, PacedEngine engine, FaultProxy proxy) {}

  private final Deque<Runnable> endings = new ArrayDeque<>();
  private final Vertx vertx = Vertx.vertx();
  private final List<Broken> broken = new ArrayList<>();
  private final String answer;
  private final TuttiProcess alone;
  private final TuttiProcess withSound;

  private FaultyMesh() {
    endings.push(() -> vertx.close().await());
    var troubled = new StringBuilder(SETTINGS);
    var sound = new StringBuilder();
    for (Spoken spoken : Spoken.values()) {
      for (Trouble trouble : Trouble.values()) {
        PacedEngine engine = engine(spoken, List.of(PacedModel.chat(model(spoken, trouble))));
        var proxy = FaultProxy.to("127.0.0.1", URI.create(engine.url()).getPort());
        endings.push(proxy::close);
        broken.add(new Broken(trouble, engine, proxy));
        boolean proxied = trouble == Trouble.REFUSE;
        troubled.append(
            backend("a-" + model(spoken, trouble), proxied ? proxy.url() : engine.url()));
      }
      var models =
          Arrays.stream(Trouble.values())
              .map(trouble -> PacedModel.chat(model(spoken, trouble)))
              .toList();
      sound.append(backend("z-" + spoken.text(), engine(spoken, models).url()));
    }
    answer = answerOf(broken.getFirst().engine(), model(Spoken.OLLAMA, Trouble.REFUSE));
    alone = hub(troubled.toString(), broken.size());
    withSound = hub(troubled.append(sound).toString(), broken.size() + Spoken.values().length);
    for (Broken each : broken) {
      each.engine().breakNext(Fault.parse(each.trouble().fault), -1);
      if (each.trouble() == Trouble.REFUSE) {
        each.proxy().set(new FaultProxy.Mode.Refuse());
        each.proxy().cutAll();
      }
    }
  }

  static FaultyMesh start() {
    return new FaultyMesh();
  }

  static String model(Spoken spoken, Trouble trouble) {
    return spoken.text() + "-" + trouble.text();
  }

  static List<String> models() {
    return Arrays.stream(Spoken.values())
        .flatMap(spoken -> Arrays.stream(Trouble.values()).map(trouble -> model(spoken, trouble)))
        .toList();
  }

  private PacedEngine engine(Spoken spoken, List<PacedModel> models) {
    var profile =
        PaceProfile.of("paced", spoken.kind, models)
            .withPace(Pace.of(1e6, 200).withSlots(SLOTS).withMaxResident(models.size()))
            .withAnswerTokens(ANSWER_TOKENS);
    return PacedEngine.start(vertx, profile).await();
  }

  private static String backend(String name, String url) {
    return "  - { url: \"" + url + "\", name: " + name + ", slots: " + SLOTS + " }\n";
  }

  private static String answerOf(PacedEngine engine, String model) {
    String body =
        "{\"model\":\"%s\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(model, QUESTION);
    return Http.post(engine.url() + "/api/chat", body)
        .json()
        .path("message")
        .path("content")
        .asString();
  }

  private TuttiProcess hub(String settings, int backends) {
    var place = TuttiProcess.Place.fresh();
    try {
      Files.writeString(place.home().resolve("tutti.yaml"), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var hub = TuttiProcess.hub(place);
    endings.push(hub::forget);
    endings.push(hub::close);
    try (var api = new HubApi(hub.url())) {
      Eventually.until(
          "every engine is up",
          KNOWN_WITHIN,
          () ->
              api.get("backends")
                      .path("backends")
                      .valueStream()
                      .filter(backend ->
                          backend.path("health").asString().equals("up")
                              && !backend.path("models").isEmpty())
                      .count()
                  == backends);
    }
    return hub;
  }

  /// What every engine says to the question when nothing goes wrong.
  String answer() {
    return answer;
  }

  static String question() {
    return QUESTION;
  }

  /// The hub that has nobody but the engines with troubles.
  TuttiProcess alone() {
    return alone;
  }

  /// The hub that has sound engines besides.
  TuttiProcess withSound() {
    return withSound;
  }

  static String modelList() {
    return models().stream().collect(Collectors.joining(","));
  }

  @Override
  public void close() {
    while (!endings.isEmpty()) {
      endings.pop().run();
    }
  }
}
