package dev.tutti.bench.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Fuzzes targets one after the other, each in a process of its own, and keeps what it learned.
public final class Fuzz {
  /// The longest input that is tried, in bytes: codecs have no interesting paths beyond.
  private static final int MAX_INPUT_BYTES = 4096;

  private static final int MAX_HEAP_MIB = 768;
  private static final String LOG = "log";
  private static final String TRIED = "stat::number_of_executed_units:";

  private Fuzz() {}

  /// Fuzzes.
  ///
  /// @param seconds for each target
  /// @param names of the targets, all when empty
  /// @return whether nothing was found
  public static boolean run(int seconds, List<String> names)
      throws IOException, InterruptedException {
    List<Target> targets =
        names.isEmpty()
            ? Target.ALL
            : names.stream()
                .map(name ->
                    Target.of(name)
                        .orElseThrow(() ->
                            new IllegalArgumentException(
                                name + ": unknown (expected: " + Target.names() + ")")))
                .toList();
    Path corpora = Path.of(System.getProperty("tutti.root", ".")).resolve("bench/corpus");
    boolean clean = true;
    for (Target target : targets) {
      clean &= fuzz(target, seconds, corpora);
    }
    return clean;
  }

  private static boolean fuzz(Target target, int seconds, Path corpora)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("tutti-fuzz-");
    Path kept = Files.createDirectory(work.resolve("kept"));
    Path least = Files.createDirectory(work.resolve("least"));
    Corpus.unpack(corpora, target, kept);
    long begin = System.nanoTime();
    int code = jazzer(target, work, List.of("-max_total_time=" + seconds), kept);
    long took = (System.nanoTime() - begin) / 1_000_000_000;
    if (code != 0) {
      System.out.println(target.text() + ": FOUND something, see " + work + " (exit " + code + ")");
      return false;
    }
    String tried = tried(work);
    jazzer(target, work, List.of("-merge=1"), least, kept);
    int inputs = Corpus.pack(corpora, target, least);
    System.out.println(
        target.text()
            + ": nothing found in "
            + took
            + " s by "
            + tried
            + " inputs; the corpus has "
            + inputs);
    return true;
  }

  /// How many inputs were tried, as the fuzzer counts them.
  private static String tried(Path work) throws IOException {
    try (var lines = Files.lines(work.resolve(LOG), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith(TRIED))
          .map(line -> line.substring(TRIED.length()).strip())
          .findFirst()
          .orElse("an unknown number of");
    }
  }

  private static int jazzer(Target target, Path work, List<String> options, Path... corpora)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("-Xmx" + MAX_HEAP_MIB + "m");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-D" + FuzzTarget.PROPERTY + "=" + target.text());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + FuzzTarget.class.getName());
    command.add(
        "--instrumentation_includes=dev.tutti.**:tools.jackson.**:javax.jmdns.**:org.snakeyaml.engine.**");
    command.add("--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexInjection");
    command.add("-max_len=" + MAX_INPUT_BYTES);
    command.add("-print_final_stats=1");
    command.addAll(options);
    for (Path corpus : corpora) {
      command.add(corpus.toString());
    }
    return new ProcessBuilder(command)
        .directory(work.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(work.resolve(LOG).toFile()))
        .start()
        .waitFor();
  }
}
