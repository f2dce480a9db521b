package dev.tutti.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where a real `llama-server` comes from. See {@link LlamaServer#find}.
///
/// Fetching unpacks Debian testing's packages into a folder of the user's cache, with the mirror
/// that the machine's own apt uses and Debian's keyring; nothing is installed. Processes that fetch
/// at the same time take turns at a lock file.
final class LlamaServerSource {
  /// The variable or property that names an engine.
  static final String VARIABLE = "TUTTI_TEST_LLAMA_SERVER";

  private static final Duration FETCH_DEADLINE = Duration.ofMinutes(5);
  private static final Duration VERSION_DEADLINE = Duration.ofSeconds(20);
  private static final int OUTPUT_TAIL_CHARS = 600;
  private static final String PROGRAM = "llama-server";
  private static final Path SOURCES = Path.of("/etc/apt/sources.list.d");
  private static final Path OLD_SOURCES = Path.of("/etc/apt/sources.list");
  private static final Pattern OLD_SOURCE =
      Pattern.compile("(?m)^deb\\s+(?:\\[[^]]*]\\s+)?(\\S+)\\s+(\\S+)");

  private final Map<String, String> environment;
  private final String property;

  LlamaServerSource(Map<String, String> environment, String property) {
    this.environment = Map.copyOf(environment);
    this.property = property;
  }

  /// The outcome of a search: an engine, or the reason why there is none.
  record Found(Optional<LlamaServer.Binary> binary, String reason) {
    private static Found missing(String reason) {
      return new Found(Optional.empty(), reason);
    }

    private static Found of(Path path, String version) {
      return new Found(Optional.of(new LlamaServer.Binary(path, version)), "");
    }
  }

  /// What this JVM found; looked for on first use.
  static final class Once {
    static final Found FOUND =
        new LlamaServerSource(System.getenv(), System.getProperty(VARIABLE, "")).find();

    private Once() {}
  }

  Found find() {
    String named = property.isEmpty() ? environment.getOrDefault(VARIABLE, "") : property;
    if (!named.isEmpty()) {
      return tried(Path.of(named));
    }
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder, PROGRAM);
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return tried(candidate);
      }
    }
    return cachedOrFetched();
  }

  /// Where fetched engines are kept.
  Path cache() {
    String base = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path parent =
        base.isEmpty()
            ? Path.of(environment.getOrDefault("HOME", "/tmp"), ".cache")
            : Path.of(base);
    return parent.resolve("tutti-test");
  }

  private Found cachedOrFetched() {
    Path home = cache().resolve("llama");
    Path program = home.resolve(PROGRAM);
    try {
      Files.createDirectories(cache());
      try (FileChannel file =
              FileChannel.open(
                  cache().resolve("llama.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var _ = file.lock()) {
        if (Files.isExecutable(program)) {
          Found known = tried(program);
          if (known.binary().isPresent()) {
            return known;
          }
        }
        fetchInto(home);
        return tried(program);
      }
    } catch (IOException failed) {
      return Found.missing("it could not be fetched: " + failed.getMessage());
    }
  }

  private static Found tried(Path program) {
    try {
      String said = run(List.of(program.toString(), "--version"), VERSION_DEADLINE);
      String version =
          said.lines().filter(line -> line.contains("version")).findFirst().orElse("unknown");
      return Found.of(program, version.strip());
    } catch (IOException failed) {
      return Found.missing(program + " does not run: " + failed.getMessage());
    }
  }

  /// Fetches beside `home` and moves the whole there, so that a half-done fetch is never used.
  private static void fetchInto(Path home) throws IOException {
    for (String tool : List.of("/usr/bin/apt-get", "/usr/bin/dpkg")) {
      if (!Files.isExecutable(Path.of(tool))) {
        throw new IOException(tool + " is missing, so this is no Debian");
      }
    }
    Path part = home.resolveSibling("llama.part");
    delete(part);
    delete(home);
    Path root = Files.createDirectories(part.resolve("root"));
    Path apt = Files.createDirectories(part.resolve("apt"));
    Files.createDirectories(apt.resolve("lists/partial"));
    Files.createDirectories(apt.resolve("cache/archives/partial"));
    Files.writeString(apt.resolve("status"), "");
    Files.writeString(
        apt.resolve("s.list"),
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
            + mirror()
            + " testing main\n");
    run(apt(apt, "update"), FETCH_DEADLINE);
    run(
        apt(apt, "install", "--no-install-recommends", "-y", "--download-only", "llama.cpp-tools"),
        FETCH_DEADLINE);
    try (Stream<Path> packages = Files.list(apt.resolve("cache/archives"))) {
      for (Path each : packages.filter(file -> file.toString().endsWith(".deb")).toList()) {
        run(List.of("dpkg", "-x", each.toString(), root.toString()), FETCH_DEADLINE);
      }
    }
    delete(apt);
    Path script = part.resolve(PROGRAM);
    Files.writeString(script, START_SCRIPT);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(part, home, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<String> apt(Path apt, String... words) {
    List<String> command = new ArrayList<>(List.of("apt-get", "-qq"));
    for (String option :
        List.of(
            "Dir::Etc::sourcelist=" + apt.resolve("s.list"),
            "Dir::Etc::sourceparts=/dev/null",
            "Dir::State::Lists=" + apt.resolve("lists"),
            "Dir::Cache=" + apt.resolve("cache"),
            "Dir::State::status=" + apt.resolve("status"),
            "Debug::NoLocking=1",
            "APT::Sandbox::User=root")) {
      command.add("-o");
      command.add(option);
    }
    command.addAll(List.of(words));
    return command;
  }

  /// The mirror of Debian's main archive that this machine is set up with.
  private static String mirror() throws IOException {
    if (Files.isDirectory(SOURCES)) {
      try (Stream<Path> files = Files.list(SOURCES)) {
        for (Path file : files.sorted().toList()) {
          Optional<String> found =
              file.toString().endsWith(".sources")
                  ? fromStanzas(Files.readString(file))
                  : fromLines(Files.readString(file));
          if (found.isPresent()) {
            return found.get();
          }
        }
      }
    }
    String old = Files.exists(OLD_SOURCES) ? Files.readString(OLD_SOURCES) : "";
    return fromLines(old).orElseThrow(() -> new IOException("apt knows no Debian mirror"));
  }

  /// The first archive in the format of `*.sources` that is Debian's own and not for security.
  static Optional<String> fromStanzas(String text) {
    for (String stanza : text.split("\\R\\s*\\R", -1)) {
      Optional<String> uri = field(stanza, "URIs");
      String suites = field(stanza, "Suites").orElse("");
      if (uri.isPresent() && isMainArchive(uri.get(), suites)) {
        return Optional.of(uri.get().split("\\s+", -1)[0]);
      }
    }
    return Optional.empty();
  }

  /// The first archive in the one-line format that is Debian's own and not for security.
  static Optional<String> fromLines(String text) {
    return OLD_SOURCE
        .matcher(text)
        .results()
        .filter(line -> isMainArchive(line.group(1), line.group(2)))
        .map(line -> line.group(1))
        .findFirst();
  }

  private static boolean isMainArchive(String uri, String suites) {
    return uri.contains("debian") && !uri.contains("security") && !suites.contains("security");
  }

  private static Optional<String> field(String stanza, String name) {
    return stanza
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  /// Runs a command to its end and gives what it said; fails when the command does.
  private static String run(List<String> command, Duration deadline) throws IOException {
    Path output = Files.createTempFile("tutti-test", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
      String said = Files.readString(output, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        String tail = said.substring(Math.max(0, said.length() - OUTPUT_TAIL_CHARS)).strip();
        String how = ended ? "exit " + process.exitValue() : "not ended within " + deadline;
        throw new IOException(command.getFirst() + ": " + how + ": " + tail);
      }
      return said;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(output);
    }
  }

  private static void delete(Path path) throws IOException {
    if (Files.exists(path)) {
      try (Stream<Path> below = Files.walk(path)) {
        for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /// Runs the unpacked program with its own loader and libraries, and with the arithmetic that this
  /// machine's processor has.
  private static final String START_SCRIPT =
      """
      #!/bin/sh
      home=$(cd "$(dirname "$0")" && pwd)
      root=$home/root
      machine=$(uname -m)
      libraries=$root/usr/lib/$machine-linux-gnu
      if [ -z "$GGML_BACKEND_PATH" ]; then
        case $machine in
          x86_64)
            if [ -z "$LLAMA_CPU" ]; then
              LLAMA_CPU=x64
              if grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then
                LLAMA_CPU=haswell
              fi
            fi ;;
          aarch64) LLAMA_CPU=${LLAMA_CPU:-armv8.0_1} ;;
        esac
        GGML_BACKEND_PATH=$libraries/ggml/backends0/libggml-cpu-$LLAMA_CPU.so
        export GGML_BACKEND_PATH
      fi
      unset LD_LIBRARY_PATH
      for loader in "$root"/usr/lib64/ld-linux-*.so.2 "$root"/usr/lib/ld-linux-*.so.1; do
        if [ -e "$loader" ]; then
          exec "$loader" --library-path "$libraries:$libraries/llama" \\
            "$root/usr/bin/llama-server" "$@"
        fi
      done
      echo "no loader below $root" >&2
      exit 127
      """;
}
