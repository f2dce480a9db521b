package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every client dialect in front of every kind of engine, feature by feature. What is not in {@link
/// #REFUSED} must work; the page in `docs/` is what came of it.
class MatrixTest {
  private static final Path PAGE =
      Path.of(System.getProperty("tutti.root", ".")).resolve("docs/matrix.md");
  private static final Duration STARTING = Duration.ofSeconds(60);

  private static final List<String> KINDS =
      List.of("ollama", "llama-server", "vllm", "lm-studio", "openai", "anthropic");

  /// What an engine cannot do, and the words that must say so.
  private static final Map<String, String> REFUSED =
      Map.of("anthropic embeddings", "no embeddings");

  private static final String NOT_IN_DIALECT = "–";

  private static final Map<String, PacedProcess> ENGINES = new LinkedHashMap<>();
  private static final List<PacedProcess> ALL = new ArrayList<>();
  private static final Map<String, String> CELLS = new TreeMap<>();
  private static TuttiProcess hub;

  @BeforeAll
  static void start() {
    var words = new ArrayList<>(List.of("--no-discover"));
    for (String kind : KINDS) {
      String chat = chatModel(kind) + ":think:vision";
      String embedding = embeddingModel(kind) + ":embed";
      switch (kind) {
        case "anthropic" -> engine(kind, chat, words);
        case "llama-server" -> {
          // It holds one model, which chats or embeds.
          engine(kind, chat, words);
          engine(kind, embedding, words);
        }
        default -> engine(kind, chat + "," + embedding, words);
      }
    }
    hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
    try (var api = new HubApi(hub.url())) {
      Eventually.until(
          "every engine is up",
          STARTING,
          () -> {
            var up = api.modelsUp();
            return KINDS.stream()
                .allMatch(kind ->
                    up.contains("direct " + chatModel(kind))
                        && up.contains("direct " + embeddingModel(kind)));
          });
    }
  }

  /// The first engine of a kind is the one that chats.
  private static void engine(String kind, String models, List<String> words) {
    var engine =
        PacedProcess.start(
            "--kind",
            kind,
            "--name",
            kind,
            "--models",
            models,
            "--answer",
            "12",
            "--decode",
            "2000",
            "--prefill",
            "100000",
            "--load",
            "1");
    ALL.add(engine);
    ENGINES.putIfAbsent(kind, engine);
    words.addAll(List.of("--backend", engine.url()));
  }

  @AfterAll
  static void stop() {
    if (hub != null) {
      hub.close();
    }
    ALL.forEach(PacedProcess::close);
  }

  private static String chatModel(String kind) {
    return "sim/" + kind;
  }

  private static String embeddingModel(String kind) {
    return kind.equals("anthropic") ? chatModel(kind) : "sim/" + kind + "-words";
  }

  @ParameterizedTest
  @EnumSource
  void what_is_asked_in_one_dialect_is_done_in_every_other(MatrixClient client) {
    for (String kind : KINDS) {
      for (MatrixFeature feature : MatrixFeature.values()) {
        String cell = cell(client, kind, feature);
        CELLS.put(key(client, kind, feature), cell);
        String where = client.title() + " in front of " + kind + ", " + feature.title();
        String refusal = REFUSED.get(kind + " " + feature.title());
        if (cell.equals(NOT_IN_DIALECT)) {
          assertThat(feature).as(where).isEqualTo(MatrixFeature.EMBEDDINGS);
        } else if (refusal != null) {
          assertThat(cell).as(where).startsWith("refused").contains(refusal);
        } else {
          assertThat(cell).as(where).isEqualTo("yes");
        }
      }
    }
  }

  private static String key(MatrixClient client, String kind, MatrixFeature feature) {
    return client.title() + "|" + kind + "|" + feature.title();
  }

  private static String cell(MatrixClient client, String kind, MatrixFeature feature) {
    String model = feature == MatrixFeature.EMBEDDINGS ? embeddingModel(kind) : chatModel(kind);
    Optional<String> body = client.body(feature, model);
    if (body.isEmpty()) {
      return NOT_IN_DIALECT;
    }
    Http.Answer answer = Http.post(hub.url() + client.path(feature), body.get());
    if (answer.status() != 200) {
      return "refused " + answer.status() + ": " + message(answer);
    }
    String found = client.found(feature, answer.json());
    if (!MatrixClient.works(feature, found)) {
      return "no: " + answer.body();
    }
    if (feature == MatrixFeature.IMAGES && !heard(kind).contains(MatrixClient.PIXEL)) {
      return "no: the picture did not arrive";
    }
    return "yes";
  }

  private static String heard(String kind) {
    return Http.get(Objects.requireNonNull(ENGINES.get(kind)).url() + "/_paced/heard").body();
  }

  private static String message(Http.Answer answer) {
    var error = answer.json().path("error");
    return error.isString() ? error.stringValue() : error.path("message").asString("");
  }

  @Test
  void the_page_says_what_came_of_it() throws IOException {
    for (MatrixClient client : MatrixClient.values()) {
      for (String kind : KINDS) {
        for (MatrixFeature feature : MatrixFeature.values()) {
          CELLS.computeIfAbsent(key(client, kind, feature), _ -> cell(client, kind, feature));
        }
      }
    }
    String page = page();
    if (System.getProperty("golden.update") != null) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).exists();
    assertThat(page)
        .as("docs/matrix.md (write it anew with -Dgolden.update)")
        .isEqualTo(Files.readString(PAGE));
  }

  private static String page() {
    var page = new StringBuilder();
    page.append(
        """
        # Client dialects × engines

        Which feature works through which pair. Each cell was tried with a request in the client's
        dialect to a simulated engine of that kind behind a hub; the answer had to hold the words, the
        tool call with its arguments, the thoughts, a document that fits the schema, or the vectors,
        and a picture had to arrive at the engine as it was sent. A refusal comes before any work
        begins, and names what is missing. This page is written by `MatrixTest`.
        """);
    for (MatrixClient client : MatrixClient.values()) {
      page.append("\n## ").append(client.title()).append("\n\n| engine |");
      for (MatrixFeature feature : MatrixFeature.values()) {
        page.append(' ').append(feature.title()).append(" |");
      }
      page.append("\n|---|").append("---|".repeat(MatrixFeature.values().length)).append('\n');
      for (String kind : KINDS) {
        page.append("| ").append(kind).append(" |");
        for (MatrixFeature feature : MatrixFeature.values()) {
          String cell = CELLS.getOrDefault(key(client, kind, feature), "");
          page.append(' ').append(cell.replace("|", "\\|")).append(" |");
        }
        page.append('\n');
      }
    }
    return page.append("\n`–`: the client's dialect has no such thing.\n").toString();
  }
}
