package dev.tutti.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One run of the program as a user starts it, with a home of its own. Killed at the latest when
/// this JVM ends.
public final class TuttiProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path home;
  private final Path errors;
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  private TuttiProcess(Process process, Path home, Path errors) {
    this.process = process;
    this.home = home;
    this.errors = errors;
    // A virtual thread that reads a pipe keeps its carrier; a few of them and none runs any more.
    Thread.ofPlatform().daemon().name("output-of-" + process.pid()).start(this::drain);
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /// How a program is started.
  ///
  /// @param root the checkout
  /// @param home its `TUTTI_HOME`
  /// @param before words before the program's own, such as `ip netns exec NAME`
  /// @param environment variables to set besides
  public record Place(Path root, Path home, List<String> before, Map<String, String> environment) {
    /// Copies the collections.
    public Place {
      before = List.copyOf(before);
      environment = Map.copyOf(environment);
    }

    /// A fresh home in the system's folder for temporary files; the checkout is that of the running
    /// build (`tutti.root`).
    public static Place fresh() {
      try {
        return new Place(checkout(), Files.createTempDirectory("tutti-home"), List.of(), Map.of());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// The checkout of the running build.
    public static Path checkout() {
      return Path.of(System.getProperty("tutti.root", ".")).toAbsolutePath().normalize();
    }

    /// The same, behind other words.
    public Place behind(String... words) {
      return new Place(root, home, List.of(words), environment);
    }
  }

  /// Starts `tutti WORDS…`.
  public static TuttiProcess start(Place place, String... words) {
    var command = new ArrayList<>(place.before());
    command.add(place.root().resolve("tutti").toString());
    command.addAll(List.of(words));
    var builder = new ProcessBuilder(command);
    builder.environment().put("TUTTI_HOME", place.home().toString());
    builder.environment().put("TUTTI_NO_BUILD", "1");
    builder.environment().putAll(place.environment());
    try {
      Path errors = Files.createTempFile(place.home(), "stderr-", ".log");
      builder.redirectError(errors.toFile());
      return new TuttiProcess(builder.start(), place.home(), errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts a hub on free ports and waits until it serves.
  ///
  /// @return the running hub; its address is {@link #url()}
  public static TuttiProcess hub(Place place, String... words) {
    var all = new ArrayList<>(List.of("up", "--port", "0", "--node-port", "0", "--grpc-port", "0"));
    all.addAll(List.of(words));
    TuttiProcess hub = start(place, all.toArray(String[]::new));
    hub.url();
    return hub;
  }

  /// The rest of the first line that begins with the word, waited for.
  public String waitFor(String word) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lines) {
      while (true) {
        for (String line : lines) {
          if (line.startsWith(word)) {
            return line.substring(word.length()).strip();
          }
        }
        long left = deadline - System.nanoTime();
        if (ended || left <= 0) {
          throw new AssertionError(
              "no line \"" + word + " …\" from the program; it said: " + lines + "\n" + log());
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lines, Math.min(left, 100_000_000L));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted", e);
        }
      }
    }
  }

  /// Where a hub serves, once it does.
  public String url() {
    return waitFor("ready");
  }

  /// Everything on standard output so far.
  public List<String> output() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /// Everything on standard error so far.
  public String log() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return "(" + e + ")";
    }
  }

  /// The process id.
  public long pid() {
    return process.pid();
  }

  /// Resident memory in KiB, as Linux tells.
  public long residentKibi() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", "" + pid(), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("VmRSS: not found (expected: Linux)");
  }

  /// Sends SIGKILL.
  public void kill9() {
    process.destroyForcibly();
    exit();
  }

  /// Waits for the end.
  ///
  /// @return the exit code
  public int exit() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still running after " + PATIENCE + "\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// What a command that ends by itself said.
  ///
  /// @param code its exit code
  public record Said(int code, String out, String err) {}

  /// Runs `tutti WORDS…` to its end.
  public static Said run(Place place, String... words) {
    TuttiProcess process = start(place, words);
    int code = process.exit();
    Eventually.until("the output ends", Duration.ofSeconds(5), process::hasEnded);
    return new Said(code, String.join("\n", process.output()), process.log());
  }

  private boolean hasEnded() {
    synchronized (lines) {
      return ended;
    }
  }

  /// Asks it to end, then makes it; its home is removed.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /// Removes the home; after everybody who lives there has ended.
  public void forget() {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void drain() {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = reader.readLine()) != null) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException _) {
      // the process was killed while we read: what it said stays
    } finally {
      synchronized (lines) {
        ended = true;
        lines.notifyAll();
      }
    }
  }
}
