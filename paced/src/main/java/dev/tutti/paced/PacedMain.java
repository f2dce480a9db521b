package dev.tutti.paced;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/// The simulated engine as a process. Prints one line, `listening http://127.0.0.1:PORT`, and runs
/// until it is killed, or with `--until-eof` until its standard input ends.
public final class PacedMain {
  static final String USAGE =
      """
      usage: paced [--port N] [--host ADDRESS] [--kind KIND] [--name NAME]
                   [--models NAME[:embed|:think|:vision][=GIB],...]
                   [--prefill TOKENS_PER_S] [--decode TOKENS_PER_S] [--load MS]
                   [--slots N] [--max-queued N] [--max-resident N]
                   [--answer TOKENS|endless] [--dimension N] [--script FILE]
                   [--log FILE] [--dies-from SEED] [--until-eof]
      FILE: what the model says turn by turn, as JSON: {"turns":[TURN,...]}
            TURN: {"tool":PATTERN,"arguments":{...}} calls the first offered tool whose name
                  fits the regular expression, {"text":TEXT} says TEXT.
            The turn is the number of tool results in the conversation.
      --log appends a line `INSTANT SEED begun|completed|aborted|failed TOKENS` for each answer.
      --dies-from kills the process at the first request with that seed or a greater one.
      KIND: ollama, llama-server, openai, vllm, lm-studio, anthropic
      """;

  private static final int EXIT_FAILED = 1;
  private static final int EXIT_USAGE = 2;

  /// As a shell tells of a process that SIGKILL ended.
  private static final int EXIT_KILLED = 137;

  private int port;
  private String host = "127.0.0.1";
  private boolean untilEof;
  private PaceProfile profile =
      PaceProfile.of("paced", EngineKind.OLLAMA, List.of(PacedModel.chat("sim/echo")));

  private PacedMain() {}

  /// Runs until killed.
  public static void main(String[] args) {
    int exit = run(args, System.in, System.out, System.err);
    if (exit != 0) {
      System.exit(exit);
    }
  }

  static int run(String[] args, InputStream in, PrintStream out, PrintStream err) {
    var options = new PacedMain();
    try {
      options.read(List.of(args));
    } catch (IllegalArgumentException wrong) {
      err.println(wrong.getMessage());
      err.print(USAGE);
      return EXIT_USAGE;
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    var started = PacedEngine.start(vertx, options.profile, options.host, options.port);
    try {
      out.println("listening " + started.toCompletionStage().toCompletableFuture().join().url());
      out.flush();
    } catch (CompletionException failed) {
      err.println(
          "cannot listen on " + options.host + ":" + options.port + ": " + failed.getCause());
      vertx.close();
      return EXIT_FAILED;
    }
    if (options.untilEof) {
      waitForEnd(in);
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
    return 0;
  }

  private void read(List<String> args) {
    for (var rest = args.iterator(); rest.hasNext(); ) {
      String option = rest.next();
      if (option.equals("--until-eof")) {
        untilEof = true;
      } else if (rest.hasNext()) {
        String value = rest.next();
        try {
          set(option, value);
        } catch (NumberFormatException _) {
          throw new IllegalArgumentException(option + ": " + value + " (expected: a number)");
        }
      } else {
        throw new IllegalArgumentException(option + " (expected: an option with a value)");
      }
    }
  }

  private void set(String option, String value) {
    Pace pace = profile.pace();
    switch (option) {
      case "--port" -> port = Integer.parseInt(value);
      case "--host" -> host = value;
      case "--kind" -> profile = with(profile.name(), EngineKind.parse(value), profile.models());
      case "--name" -> profile = with(value, profile.kind(), profile.models());
      case "--models" -> profile = with(profile.name(), profile.kind(), models(value));
      case "--prefill" ->
          profile =
              profile.withPace(rates(Double.parseDouble(value), pace.decodeTokensPerSecond()));
      case "--decode" ->
          profile =
              profile.withPace(rates(pace.prefillTokensPerSecond(), Double.parseDouble(value)));
      case "--load" ->
          profile = profile.withPace(pace.withLoad(Duration.ofMillis(Long.parseLong(value))));
      case "--slots" -> profile = profile.withPace(pace.withSlots(Integer.parseInt(value)));
      case "--max-queued" ->
          profile = profile.withPace(pace.withMaxQueued(Integer.parseInt(value)));
      case "--max-resident" ->
          profile = profile.withPace(pace.withMaxResident(Integer.parseInt(value)));
      case "--answer" ->
          profile =
              value.equals("endless")
                  ? profile.endless()
                  : profile.withAnswerTokens(Integer.parseInt(value));
      case "--script" -> profile = profile.withPlay(play(value));
      case "--log" -> profile = profile.withLog(new WorkFile(value));
      case "--dies-from" -> profile = profile.withLog(dying(Long.parseLong(value)));
      case "--dimension" -> profile = profile.withEmbeddingDimension(Integer.parseInt(value));
      default -> throw new IllegalArgumentException(option + " (expected: an option from below)");
    }
  }

  private PaceProfile with(String name, EngineKind kind, List<PacedModel> models) {
    return new PaceProfile(
        name,
        kind,
        models,
        profile.pace(),
        profile.answerTokens(),
        profile.embeddingDimension(),
        profile.play(),
        profile.log());
  }

  private Pace rates(double prefill, double decode) {
    Pace pace = profile.pace();
    return new Pace(
        prefill, decode, pace.load(), pace.slots(), pace.maxQueued(), pace.maxResident());
  }

  private static List<PacedModel> models(String value) {
    List<PacedModel> models = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      models.add(PacedModel.parse(part.strip()));
    }
    return models;
  }

  private static Play play(String file) {
    try {
      return Play.parse(Files.readString(Path.of(file)));
    } catch (IOException e) {
      throw new IllegalArgumentException("--script: " + file + " (expected: a readable file)", e);
    }
  }

  /// The profile's log, and death at a request that is deadly.
  private WorkLog dying(long seed) {
    WorkLog log = profile.log();
    return (at, of, what, tokens) -> {
      log.note(at, of, what, tokens);
      if (of >= seed) {
        Runtime.getRuntime().halt(EXIT_KILLED);
      }
    };
  }

  private static void waitForEnd(InputStream in) {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException _) {
      // an input that cannot be read has ended
    }
  }
}
