package dev.tutti.bench;

import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.LlamaServer;
import dev.tutti.testkit.StreamedAnswer;
import dev.tutti.testkit.StreamedAnswer.Meanwhile;
import dev.tutti.testkit.StreamedAnswer.Way;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Kills one of two real llama-servers in the midst of its answer, again and again, and compares
/// what the client has with the undisturbed answer, byte by byte.
final class Resume {
  private static final String MODEL = "chain";
  private static final int ENGINES = 2;
  private static final long SEED = 20_261_121;

  /// Of a hundred kills, so many answers must be exact.
  private static final int EXACT_OF_HUNDRED = 95;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
  private final List<LlamaServer> engines = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private String hub = "";

  private Resume() {}

  /// What came of the kills for one kind of client.
  private static final class Row {
    private final Way way;
    private final StreamedAnswer whole;
    private int exact;
    private int honest;
    private int wrong;

    Row(Way way, StreamedAnswer whole) {
      this.way = way;
      this.whole = whole;
    }

    void count(Verdict verdict) {
      switch (verdict) {
        case EXACT -> exact++;
        case HONEST -> honest++;
        case WRONG -> wrong++;
        case TOO_LATE -> {
          // no kill
        }
      }
    }
  }

  /// How an answer came out whose engine was killed.
  private enum Verdict {
    /// As if nothing had happened.
    EXACT,
    /// The client was told that it broke off.
    HONEST,
    /// The client takes something for the answer that is not.
    WRONG,
    /// The answer was over before the kill: not counted as a kill.
    TOO_LATE
  }

  /// Whether enough were exact and none was wrong.
  static boolean run(int kills) throws IOException, InterruptedException {
    LlamaServer.Binary binary = LlamaServer.find().orElse(null);
    if (binary == null) {
      System.err.println("no llama-server: " + LlamaServer.whyMissing());
      return false;
    }
    System.out.println("engine: " + binary.version());
    return new Resume().all(binary, kills);
  }

  private boolean all(LlamaServer.Binary binary, int kills)
      throws IOException, InterruptedException {
    Path model = Files.createTempFile("chain", ".gguf");
    ChainModel.write(model, ChainModel.Pace.SLOW);
    List<String> words = new ArrayList<>(List.of("--no-discover"));
    try {
      for (int engine = 0; engine < ENGINES; engine++) {
        engines.add(LlamaServer.start(binary, model, 1, "--alias", MODEL, "--jinja"));
        words.addAll(List.of("--backend", engines.getLast().url()));
      }
      int done = 0;
      for (int rounds = 0; done < kills && rounds < kills; rounds++) {
        done += round(words, kills - done);
      }
      return report(done);
    } finally {
      engines.forEach(LlamaServer::close);
      http.close();
      Files.delete(model);
    }
  }

  /// One kill for each way, with a hub of its own: an engine that dies again and again is held back
  /// for longer each time, and that is not what is measured here.
  ///
  /// @return how many were killed
  private int round(List<String> words, int most) throws IOException, InterruptedException {
    int done = 0;
    try (var process = TuttiProcess.hub(TuttiProcess.Place.fresh(), words.toArray(String[]::new))) {
      hub = process.url();
      awaitAll();
      if (rows.isEmpty()) {
        for (Way way : Way.values()) {
          rows.add(new Row(way, StreamedAnswer.ask(http, hub, way, MODEL, Meanwhile.NOTHING)));
        }
      }
      for (Row row : rows) {
        if (done < most) {
          Verdict verdict = one(row.way, row.whole);
          row.count(verdict);
          done += verdict == Verdict.TOO_LATE ? 0 : 1;
          System.err.println(row.way + " " + verdict);
        }
      }
    }
    return done;
  }

  /// The kill comes when a share of the bytes has come that is drawn anew each time.
  private Verdict one(Way way, StreamedAnswer whole) throws IOException, InterruptedException {
    int after = random.nextInt(1, whole.text().length());
    var killed = new ArrayList<LlamaServer>(1);
    StreamedAnswer answer =
        StreamedAnswer.ask(
            http,
            hub,
            way,
            MODEL,
            new Meanwhile(
                after,
                backend -> {
                  LlamaServer engine = engineOf(backend);
                  engine.kill9();
                  killed.add(engine);
                }));
    boolean resumed = attempts(answer) > 1;
    for (LlamaServer engine : killed) {
      engine.restartOnSamePort();
    }
    awaitAll();
    if (answer.lasting().equals(whole.lasting())) {
      return resumed ? Verdict.EXACT : Verdict.TOO_LATE;
    }
    Verdict verdict = answer.endsWell() ? Verdict.WRONG : Verdict.HONEST;
    System.out.println(way + " killed after " + after + " bytes: " + verdict);
    int same = Arrays.mismatch(answer.lasting().toCharArray(), whole.lasting().toCharArray());
    System.out.println(
        "from here on: " + answer.lasting().substring(same).lines().limit(3).toList());
    return verdict;
  }

  private int attempts(StreamedAnswer answer) {
    return get("tasks/" + answer.task()).path("attempts").asInt(0);
  }

  private LlamaServer engineOf(String backend) {
    String url =
        get("backends")
            .path("backends")
            .valueStream()
            .filter(each -> each.path("backend_id").asString("").equals(backend))
            .map(each -> each.path("url").asString(""))
            .findFirst()
            .orElseThrow();
    return engines.stream().filter(each -> each.url().equals(url)).findFirst().orElseThrow();
  }

  private void awaitAll() {
    Eventually.until(
        "all engines are up",
        LlamaServer.START_DEADLINE,
        () ->
            get("backends")
                    .path("backends")
                    .valueStream()
                    .filter(each -> each.path("health").asString("").equals("up"))
                    .count()
                == ENGINES);
  }

  private JsonNode get(String path) {
    var request = HttpRequest.newBuilder(URI.create(hub + "/mesh/v1/" + path)).build();
    try {
      return JsonMapper.shared()
          .readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", stopped);
    }
  }

  private boolean report(int done) {
    String row = "| %-20s | %5s | %5s | %6s | %5s |%n";
    System.out.printf(Locale.ROOT, row, "client", "kills", "exact", "honest", "wrong");
    System.out.printf(Locale.ROOT, row, "---", "---:", "---:", "---:", "---:");
    int exact = 0;
    int honest = 0;
    int wrong = 0;
    for (Row each : rows) {
      String name = each.way.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      row(row, name, each.exact, each.honest, each.wrong);
      exact += each.exact;
      honest += each.honest;
      wrong += each.wrong;
    }
    row(row, "all", exact, honest, wrong);
    return done > 0 && wrong == 0 && exact * 100 >= done * EXACT_OF_HUNDRED;
  }

  private static void row(String row, String name, int exact, int honest, int wrong) {
    System.out.printf(Locale.ROOT, row, name, exact + honest + wrong, exact, honest, wrong);
  }
}
