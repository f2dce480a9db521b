package dev.tutti.app.cli;

import dev.tutti.core.Time;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Runs one command as a person or a script would, and keeps what it said.
final class CommandRun {
  /// The recorded documents were written then.
  static final Instant NOW = Instant.parse("2026-07-01T12:00:00Z");

  private final Map<String, String> variables = new HashMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Object> started = new CopyOnWriteArrayList<>();
  private String input = "";
  private boolean terminal;
  private Instant now = NOW;

  CommandRun with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  CommandRun typing(String text) {
    input = text;
    return this;
  }

  CommandRun at(Instant instant) {
    now = instant;
    return this;
  }

  CommandRun atTerminal() {
    terminal = true;
    return this;
  }

  /// Runs it.
  ///
  /// @return the exit code
  int run(String... args) {
    var in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    var streams = new Streams(in, stream(out), stream(err), terminal);
    return Cli.run(args, processes(), environment(), streams);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /// What the command asked the app to run.
  List<Object> started() {
    return started;
  }

  Environment environment() {
    return new Environment(
        variables,
        Path.of("/home/somebody"),
        "Linux",
        Path.of("/nowhere/proc"),
        Runtime.Version.parse("25.0.1+8"),
        new StandingTime(now));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private Processes processes() {
    return new Processes() {
      @Override
      public int up(UpOptions options) {
        started.add(options);
        return 0;
      }

      @Override
      public int agentJoin(JoinOptions options) {
        started.add(options);
        return 0;
      }

      @Override
      public int agentRun(AgentOptions options) {
        started.add(options);
        return Exit.APPROVAL_NEEDED.code();
      }

      @Override
      public Imported importFile(ImportOptions options) {
        started.add(options);
        return new Imported(
            options.config().orElse(Path.of("tutti.yaml")),
            !options.file().endsWith("clashes.json"),
            "workers:",
            2,
            1,
            List.of("f:3: workers.colour: not used"));
      }

      @Override
      public int agentLeave(AgentOptions options) {
        started.add(options);
        return 0;
      }
    };
  }

  /// Time that only passes when somebody looks: one millisecond a look.
  private static final class StandingTime implements Time {
    private static final long MILLI_NANOS = 1_000_000;
    private final Instant now;
    private long nanos;

    private StandingTime(Instant now) {
      this.now = now;
    }

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public long nanos() {
      nanos += MILLI_NANOS;
      return nanos;
    }

    @Override
    public Timer after(Duration delay, Runnable action) {
      throw new UnsupportedOperationException("no command waits by timers");
    }
  }
}
